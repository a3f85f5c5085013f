package io.pciplacement.operator.reconciliation;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.pciplacement.logging.JvmErrors;
import io.pciplacement.operator.settings.OperatorSettings;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Registry of the running reconciliations. It converts Errors into exceptions, so that the objects are retried, and
 * reports reconciliations that do not return to the liveness probe.
 */
@ApplicationScoped
public class ActiveReconciliations {

    private final Clock clock;

    private final OperatorSettings settings;
    private final Map<Object, Active> active = new ConcurrentHashMap<>();
    private volatile boolean fatal;

    /** A running reconciliation. */
    private record Active(String object, Instant since) {}

    ActiveReconciliations(Clock clock, OperatorSettings settings) {
        this.clock = clock;
        this.settings = settings;
    }

    /**
     * Reconciles an object.
     *
     * @throws ReconciliationFailedException instead of an Error that the process can survive
     */
    <T> @Nullable T runTracked(HasMetadata object, Callable<@Nullable T> reconciliation) throws Exception {
        String name = object.getKind() + " " + object.getMetadata().getName();
        Object ticket = new Object();
        active.put(ticket, new Active(name, clock.instant()));
        try {
            return reconciliation.call();
        } catch (Error e) {
            if (JvmErrors.isFatal(e)) {
                fatal = true;
                throw e;
            }
            JvmErrors.truncateStackTrace(e);
            throw new ReconciliationFailedException("%s: %s".formatted(name, e), e);
        } finally {
            active.remove(ticket);
        }
    }

    /** Reason why the process must be restarted: a reconciliation that exceeds the limit, or a fatal JVM error. */
    public Optional<String> restartReason() {
        if (fatal) {
            return Optional.of("fatal JVM error");
        }
        Duration limit = settings.reconciliationLimit();
        Instant now = clock.instant();
        return active.values().stream()
                .filter(reconciliation ->
                        Duration.between(reconciliation.since(), now).compareTo(limit) > 0)
                .min(Comparator.comparing(Active::since))
                .map(reconciliation -> "%s since %s".formatted(reconciliation.object(), reconciliation.since()));
    }
}
