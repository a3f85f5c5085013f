package io.pciplacement.operator.leader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pciplacement.placement.PlacementException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LeadershipTest {

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 3);
    private final AtomicLong millis = new AtomicLong();
    private final Leadership leadership = new Leadership(() -> Instant.ofEpochMilli(millis.get()), nanos::get);

    @Test
    void isNotLeaderBeforeTheLeaseIsAcquired() {
        assertThat(leadership.isLeader()).isFalse();
        assertThatThrownBy(() -> leadership.executeAsLeader(() -> "written"))
                .isInstanceOf(NotLeadingException.class)
                .hasMessageContaining("not the leader");
        assertThatThrownBy(() -> leadership.execute(() -> "written"))
                .isInstanceOf(PlacementException.WriteBlocked.class)
                .hasMessageContaining("not the leader");
    }

    @Test
    void writesWhileBothClocksAreWithinTheWritePeriod() {
        leadership.onLeaseRenewed(leadership.currentTimestamp(), Duration.ofSeconds(8));
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(7));
        millis.addAndGet(7_000);
        assertThat(leadership.execute(() -> "written")).isEqualTo("written");
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
        assertThat(leadership.isLeader()).isFalse();
        leadership.onLeaseRenewed(leadership.currentTimestamp(), Duration.ofSeconds(8));
        assertThat(leadership.isLeader()).isTrue();
        // Like after a machine was suspended: the monotonic clock has not advanced.
        millis.addAndGet(8_000);
        assertThat(leadership.isLeader()).isFalse();
    }

    @Test
    void writePeriodStartsBeforeTheRenewalRequest() {
        Leadership.Timestamp started = leadership.currentTimestamp();
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(9));
        leadership.onLeaseRenewed(started, Duration.ofSeconds(8));
        assertThat(leadership.isLeader()).isFalse();
    }

    @Test
    void resignWaitsForWritesInProgress() throws InterruptedException {
        leadership.onLeaseRenewed(leadership.currentTimestamp(), Duration.ofSeconds(8));
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Thread writer = Thread.ofPlatform()
                .start(() -> leadership.execute(() -> {
                    started.countDown();
                    try {
                        return end.await(1, TimeUnit.MINUTES);
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }));
        started.await();
        assertThat(leadership.resign(Duration.ofMillis(50))).isFalse();
        assertThatThrownBy(() -> leadership.executeAsLeader(() -> "written")).isInstanceOf(NotLeadingException.class);
        end.countDown();
        writer.join();
        assertThat(leadership.resign(Duration.ofSeconds(10))).isTrue();
        assertThatThrownBy(() -> leadership.executeAsLeader(() -> "written")).isInstanceOf(NotLeadingException.class);
    }
}
