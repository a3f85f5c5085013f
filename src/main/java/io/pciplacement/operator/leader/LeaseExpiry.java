package io.pciplacement.operator.leader;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether a process may take the lease. The holder's times are not believed, for its clock may be another: a lease has
 * run out when it was seen unchanged for as long as it lasts, by the watcher's own clock.
 */
final class LeaseExpiry {

    private final String identity;
    private @Nullable String seen;
    private long seenAt;

    LeaseExpiry(String identity) {
        this.identity = identity;
    }

    /**
     * Looks at the lease.
     *
     * @param now nanoseconds of a clock that only runs forward
     */
    boolean mayTake(Lease lease, long now) {
        LeaseSpec spec = lease.getSpec();
        String holder = spec == null ? null : spec.getHolderIdentity();
        // Given back, or held by an earlier process of this very pod, which must have ended before this one began.
        if (spec == null || holder == null || holder.isEmpty() || holder.equals(identity)) {
            return true;
        }
        String version = lease.getMetadata().getResourceVersion();
        if (!version.equals(seen)) {
            seen = version;
            seenAt = now;
            return false;
        }
        Duration lasts = Duration.ofSeconds(
                Optional.ofNullable(spec.getLeaseDurationSeconds()).orElse(15));
        return now - seenAt >= lasts.toNanos();
    }
}
