package io.pciplacement.operator;

import io.pciplacement.operator.sync.HostOutcome;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** When a host that was left unfinished is tried again: soon at first, then ever less often, never all at once. */
@ApplicationScoped
public class Retries {

    private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(2), Duration.ofMinutes(2));

    /** What the key of a PciAllocation begins with; no name of a host has a slash. */
    private static final String ALLOCATION = "allocation/";

    private final Map<String, Integer> attempts = new ConcurrentHashMap<>();

    /** How long to wait before the next try; empty where something else will wake the host, or it is done. */
    Optional<Duration> next(String host, HostOutcome outcome) {
        boolean again = switch (outcome) {
            case HostOutcome.NoRoot n -> true;
            case HostOutcome.Decided decided -> decided.retry();
            // The sweep wakes every host when Placement is back.
            case HostOutcome.NoPlacement n -> n.retry();
            case HostOutcome.NotYet n -> false;
            // The Node, or the agent's list, is an event of the host.
            case HostOutcome.Incomplete i -> false;
            // The other host's change or end is not an event of this one.
            case HostOutcome.RootTaken t -> true;
        };
        if (!again) {
            attempts.remove(host);
            return Optional.empty();
        }
        return Optional.of(again(host));
    }

    private Duration again(String key) {
        return BACKOFF.after(attempts.merge(key, 1, Integer::sum) - 1);
    }

    /** How long to wait before the next try of a PciAllocation. */
    Duration allocation(String name) {
        return again(ALLOCATION + name);
    }

    void forgetAllocation(String name) {
        forget(ALLOCATION + name);
    }

    /** Releases the counts of the objects that are gone. */
    void retain(Predicate<String> hosts, Predicate<String> allocations) {
        attempts.keySet()
                .removeIf(key -> key.startsWith(ALLOCATION)
                        ? !allocations.test(key.substring(ALLOCATION.length()))
                        : !hosts.test(key));
    }

    int size() {
        return attempts.size();
    }

    void forget(String host) {
        attempts.remove(host);
    }
}
