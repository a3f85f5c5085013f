package io.pciplacement.operator.retry;

import io.pciplacement.retry.ExponentialBackoff;
import io.pciplacement.sync.HostSyncResult;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** When a host that was left unfinished is tried again: soon at first, then ever less often, never all at once. */
@ApplicationScoped
public class RetryTracker {

    private static final ExponentialBackoff BACKOFF =
            new ExponentialBackoff(Duration.ofSeconds(2), Duration.ofMinutes(2));

    /** What the key of a PciAllocation begins with; no name of a host has a slash. */
    private static final String ALLOCATION = "allocation/";

    private final Map<String, Integer> attempts = new ConcurrentHashMap<>();

    /** How long to wait before the next try; empty where something else will wake the host, or it is done. */
    public Optional<Duration> next(String host, HostSyncResult outcome) {
        boolean again = switch (outcome) {
            case HostSyncResult.RootMissing n -> true;
            case HostSyncResult.Synced decided -> decided.retry();
            // The sweep wakes every host when Placement is back.
            case HostSyncResult.PlacementUnavailable n -> n.retry();
            case HostSyncResult.Deferred n -> false;
            // The Node, or the agent's list, is an event of the host.
            case HostSyncResult.Incomplete i -> false;
            // The other host's change or end is not an event of this one.
            case HostSyncResult.RootConflict t -> true;
        };
        if (!again) {
            attempts.remove(host);
            return Optional.empty();
        }
        return Optional.of(again(host));
    }

    private Duration again(String key) {
        return BACKOFF.delayAfter(attempts.merge(key, 1, Integer::sum) - 1);
    }

    /** How long to wait before the next try of a PciAllocation. */
    public Duration allocation(String name) {
        return again(ALLOCATION + name);
    }

    public void forgetAllocation(String name) {
        forget(ALLOCATION + name);
    }

    /** Releases the counts of the objects that are gone. */
    public void retain(Predicate<String> hosts, Predicate<String> allocations) {
        attempts.keySet()
                .removeIf(key -> key.startsWith(ALLOCATION)
                        ? !allocations.test(key.substring(ALLOCATION.length()))
                        : !hosts.test(key));
    }

    public int size() {
        return attempts.size();
    }

    public void forget(String host) {
        attempts.remove(host);
    }
}
