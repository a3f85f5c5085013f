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
    void nobodyLeadsBeforeTheLeaseIsTaken() {
        assertThat(leadership.leads()).isFalse();
        assertThatThrownBy(() -> leadership.execute(() -> "written"))
                .isInstanceOf(PlacementException.Unreachable.class)
                .hasMessageContaining("does not hold the lease");
    }

    @Test
    void itWritesAsLongAsBothClocksAreWithinTheReign() {
        leadership.renewed(leadership.now(), Duration.ofSeconds(8));
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(7));
        millis.addAndGet(7_000);
        assertThat(leadership.execute(() -> "written")).isEqualTo("written");
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
        assertThat(leadership.leads()).isFalse();
        leadership.renewed(leadership.now(), Duration.ofSeconds(8));
        assertThat(leadership.leads()).isTrue();
        // As after the sleep of a machine, through which the other clock stands still.
        millis.addAndGet(8_000);
        assertThat(leadership.leads()).isFalse();
    }

    @Test
    void theReignIsCountedFromBeforeTheRequestThatRenewedIt() {
        Leadership.Timestamp begun = leadership.now();
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(9));
        leadership.renewed(begun, Duration.ofSeconds(8));
        assertThat(leadership.leads()).isFalse();
    }

    @Test
    void whoResignsWaitsForTheWritesThatAreUnderWay() throws InterruptedException {
        leadership.renewed(leadership.now(), Duration.ofSeconds(8));
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Thread writer = Thread.ofPlatform()
                .start(() -> leadership.execute(() -> {
                    begun.countDown();
                    try {
                        return end.await(1, TimeUnit.MINUTES);
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }));
        begun.await();
        assertThat(leadership.resign(Duration.ofMillis(50))).isFalse();
        assertThatThrownBy(() -> leadership.execute(() -> "written")).isInstanceOf(PlacementException.class);
        end.countDown();
        writer.join();
        assertThat(leadership.resign(Duration.ofSeconds(10))).isTrue();
        assertThatThrownBy(() -> leadership.execute(() -> "written")).isInstanceOf(PlacementException.class);
    }
}
