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

    private final LeaseExpiry candidacy = new LeaseExpiry("me");

    private static Lease lease(String holder, String version) {
        return new LeaseBuilder()
                .withNewMetadata()
                .withResourceVersion(version)
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(holder)
                .withLeaseDurationSeconds(10)
                // Whatever the holder's clock says, it counts for nothing.
                .withRenewTime(LONG_AGO)
                .endSpec()
                .build();
    }

    private boolean mayTake(String holder, String version, int second) {
        return candidacy.mayTake(lease(holder, version), TimeUnit.SECONDS.toNanos(second) - 5);
    }

    @Test
    void whatWasGivenBackOrIsItsOwnIsTakenAtOnce() {
        assertThat(mayTake("", "1", 0)).isTrue();
        assertThat(mayTake(null, "1", 0)).isTrue();
        assertThat(mayTake("me", "1", 0)).isTrue();
    }

    @Test
    void anothersIsTakenWhenItWasSeenUnchangedForItsWholeLength() {
        assertThat(mayTake("other", "1", 0)).isFalse();
        assertThat(mayTake("other", "1", 9)).isFalse();
        assertThat(mayTake("other", "1", 10)).isTrue();
    }

    @Test
    void aRenewalBeginsItAnew() {
        assertThat(mayTake("other", "1", 0)).isFalse();
        assertThat(mayTake("other", "2", 9)).isFalse();
        assertThat(mayTake("other", "2", 18)).isFalse();
        assertThat(mayTake("other", "2", 19)).isTrue();
    }
}
