package io.pciplacement.logging;

import io.pciplacement.text.SafeText;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Log of a failed start of the operator: one line if the API server does not respond, a file cannot be used or a
 * setting is invalid; otherwise with the stack trace.
 */
public final class StartFailureLog {

    private static final Logger LOG = Logger.getLogger(StartFailureLog.class);
    private static final String CANNOT_START = "The operator cannot start";
    private static final int MAX_MESSAGE = 2_000;

    private StartFailureLog() {}

    /** Logs why the start of Quarkus failed. */
    public static void log(Throwable failure) {
        findExternalCause(failure)
                .ifPresentOrElse(
                        cause -> LOG.errorf("%s: %s", CANNOT_START, cause), () -> LOG.error(CANNOT_START, failure));
    }

    /** Prints a failure before the start of Quarkus to standard error, because the log is not started yet. */
    public static void print(Throwable failure) {
        findExternalCause(failure)
                .ifPresentOrElse(
                        cause -> System.err.printf("ERROR %s: %s%n", CANNOT_START, cause), failure::printStackTrace);
    }

    /** The console has no filter yet if a setting is invalid, so the text is made safe here. */
    private static Optional<String> findExternalCause(Throwable failure) {
        CauseChain chain = new CauseChain(failure);
        return chain.isExternal() ? Optional.of(SafeText.singleLine(chain.messages(), MAX_MESSAGE)) : Optional.empty();
    }
}
