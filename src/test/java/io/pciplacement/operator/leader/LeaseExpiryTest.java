package io.pciplacement.operator.leader;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LeaseExpiryTest {

    private static final ZonedDateTime LONG_AGO = ZonedDateTime.of(2020, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);

    private final LeaseExpiry leaseExpiry = new LeaseExpiry("me");

    private static Lease lease(String holder, String version) {
        return new LeaseBuilder()
                .withNewMetadata()
                .withResourceVersion(version)
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(holder)
                .withLeaseDurationSeconds(10)
                // The holder's clock is ignored.
                .withRenewTime(LONG_AGO)
                .endSpec()
                .build();
    }

    private boolean canAcquire(String holder, String version, int second) {
        return leaseExpiry.canAcquire(lease(holder, version), TimeUnit.SECONDS.toNanos(second) - 5);
    }

    @Test
    void acquiresReleasedOrOwnLeaseImmediately() {
        assertThat(canAcquire("", "1", 0)).isTrue();
        assertThat(canAcquire(null, "1", 0)).isTrue();
        assertThat(canAcquire("me", "1", 0)).isTrue();
    }

    @Test
    void acquiresLeaseObservedUnchangedForItsDuration() {
        assertThat(canAcquire("other", "1", 0)).isFalse();
        assertThat(canAcquire("other", "1", 9)).isFalse();
        assertThat(canAcquire("other", "1", 10)).isTrue();
    }

    @Test
    void renewalRestartsTheObservation() {
        assertThat(canAcquire("other", "1", 0)).isFalse();
        assertThat(canAcquire("other", "2", 9)).isFalse();
        assertThat(canAcquire("other", "2", 18)).isFalse();
        assertThat(canAcquire("other", "2", 19)).isTrue();
    }
}
