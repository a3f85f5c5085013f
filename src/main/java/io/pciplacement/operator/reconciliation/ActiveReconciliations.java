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
 * Registry of the reconciliations that are under way. Errors in them become exceptions, so that their objects are
 * retried; the liveness probe learns of those that do not return.
 */
@ApplicationScoped
public class ActiveReconciliations {

    /** A StackOverflowError has a thousand, most of them the same, and is logged at each retry. */
    private final Clock clock;

    private final OperatorSettings settings;
    private final Map<Object, Active> active = new ConcurrentHashMap<>();
    private volatile boolean fatal;

    /** One of them. */
    private record Active(String object, Instant since) {}

    ActiveReconciliations(Clock clock, OperatorSettings settings) {
        this.clock = clock;
        this.settings = settings;
    }

    /**
     * Reconciles an object.
     *
     * @throws ReconciliationFailedException instead of an Error after which the process can go on
     */
    <T> @Nullable T run(HasMetadata object, Callable<@Nullable T> reconciliation) throws Exception {
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

    /** What a restart is needed for: a reconciliation that takes longer than any should, or a damaged JVM. */
    public Optional<String> stuck() {
        if (fatal) {
            return Optional.of("an error of the Java virtual machine");
        }
        Duration limit = settings.reconciliationLimit();
        Instant now = clock.instant();
        return active.values().stream()
                .filter(one -> Duration.between(one.since(), now).compareTo(limit) > 0)
                .min(Comparator.comparing(Active::since))
                .map(one -> "%s since %s".formatted(one.object(), one.since()));
    }
}
