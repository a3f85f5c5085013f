package io.pciplacement.agent.log;

import io.pciplacement.retry.RepeatedFailureLogger;

/**
 * Sink for repeated failures of one action in the agent's log.
 *
 * @param action what fails, as {@code "publish the devices"}
 */
public record LogfmtFailureSink(LogfmtLogger log, String action) implements RepeatedFailureLogger.Sink {

    @Override
    public void logFailure(String reason) {
        log.warn("cannot " + action, "reason", reason);
    }

    @Override
    public void logReminder(String reason, int attempts) {
        log.warn("still cannot " + action, "reason", reason, "attempts", attempts);
    }

    @Override
    public void logRecovery(int failures) {
        log.info("can " + action + " again", "failures", failures);
    }
}
