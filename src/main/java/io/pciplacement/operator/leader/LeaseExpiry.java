package io.pciplacement.operator.leader;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a process may acquire the Lease. The times in it are not used, because clocks differ: a Lease has
 * expired when this process has observed it unchanged for its duration.
 */
final class LeaseExpiry {

    private final String identity;
    private @Nullable String observedVersion;
    private long observedAt;

    LeaseExpiry(String identity) {
        this.identity = identity;
    }

    /**
     * Observes the Lease, and returns whether it may be acquired.
     *
     * @param now nanoseconds of a monotonic clock
     */
    boolean canAcquire(Lease lease, long now) {
        LeaseSpec spec = lease.getSpec();
        String holder = spec == null ? null : spec.getHolderIdentity();
        // Released, or held by an earlier process of this pod, which ended before this one started.
        if (spec == null || holder == null || holder.isEmpty() || holder.equals(identity)) {
            return true;
        }
        String version = lease.getMetadata().getResourceVersion();
        if (!version.equals(observedVersion)) {
            observedVersion = version;
            observedAt = now;
            return false;
        }
        Duration duration = Duration.ofSeconds(
                Optional.ofNullable(spec.getLeaseDurationSeconds()).orElse(15));
        return now - observedAt >= duration.toNanos();
    }
}
