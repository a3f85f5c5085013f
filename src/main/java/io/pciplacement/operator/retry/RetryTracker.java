package io.pciplacement.operator.retry;

import io.pciplacement.retry.ExponentialBackoff;
import io.pciplacement.sync.host.HostSyncResult;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** Tracker of failed attempts per host and PciAllocation, which yields the delay until the next attempt. */
@ApplicationScoped
public class RetryTracker {

    private static final ExponentialBackoff BACKOFF =
            new ExponentialBackoff(Duration.ofSeconds(2), Duration.ofMinutes(2));

    /** Prefix of the keys of PciAllocations; host names contain no slash. */
    private static final String ALLOCATION_PREFIX = "allocation/";

    private final Map<String, Integer> attempts = new ConcurrentHashMap<>();

    /**
     * Delay until the next attempt; empty if the host is done or another event will trigger its reconciliation.
     *
     * @param otherFailure whether a write to the API server must be retried
     */
    public Optional<Duration> nextHostDelay(String host, HostSyncResult result, boolean otherFailure) {
        boolean retry = otherFailure || needsRetry(result);
        if (!retry) {
            attempts.remove(host);
            return Optional.empty();
        }
        return Optional.of(nextDelay(host));
    }

    private static boolean needsRetry(HostSyncResult result) {
        return switch (result) {
            case HostSyncResult.RootMissing n -> true;
            case HostSyncResult.Synced synced -> synced.retry();
            // The sweep triggers every host when Placement is available again.
            case HostSyncResult.PlacementUnavailable n -> n.retry();
            case HostSyncResult.Deferred n -> false;
            // The Node or the agent's device list triggers the host.
            case HostSyncResult.Incomplete i -> false;
            // A change or deletion of the other host does not trigger this one.
            case HostSyncResult.RootConflict t -> true;
        };
    }

    private Duration nextDelay(String key) {
        return BACKOFF.delayAfter(attempts.merge(key, 1, Integer::sum) - 1);
    }

    /** Delay until the next attempt for a PciAllocation. */
    public Duration nextAllocationDelay(String name) {
        return nextDelay(ALLOCATION_PREFIX + name);
    }

    public void forgetAllocation(String name) {
        forgetHost(ALLOCATION_PREFIX + name);
    }

    /** Removes the counts of deleted objects. */
    public void retainExisting(Predicate<String> hosts, Predicate<String> allocations) {
        attempts.keySet()
                .removeIf(key -> key.startsWith(ALLOCATION_PREFIX)
                        ? !allocations.test(key.substring(ALLOCATION_PREFIX.length()))
                        : !hosts.test(key));
    }

    public int trackedCount() {
        return attempts.size();
    }

    public void forgetHost(String host) {
        attempts.remove(host);
    }
}
