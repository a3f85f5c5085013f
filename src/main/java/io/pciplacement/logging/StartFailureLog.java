package io.pciplacement.logging;

import io.pciplacement.text.SafeText;
import org.jboss.logging.Logger;

/** Log of a failed start of the operator. */
public final class StartFailureLog {

    private static final Logger LOG = Logger.getLogger(StartFailureLog.class);
    private static final int MAX_MESSAGE = 2_000;

    private StartFailureLog() {}

    /**
     * Logs why the start failed: in one line if the API server does not respond, a file cannot be used or a setting is
     * invalid; otherwise with the stack trace.
     */
    public static void log(Throwable failure) {
        CauseChain chain = new CauseChain(failure);
        if (chain.isExternal()) {
            // The console has no filter yet if a setting is invalid.
            LOG.errorf("The operator cannot start: %s", SafeText.singleLine(chain.messages(), MAX_MESSAGE));
        } else {
            LOG.error("The operator cannot start", failure);
        }
    }
}
