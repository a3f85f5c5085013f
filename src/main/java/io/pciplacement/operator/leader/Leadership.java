package io.pciplacement.operator.leader;

import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.client.WriteGate;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether this process leads at this very moment. It is judged at each write and from the clock, not told by another
 * thread: a process that was stopped for a while, or does not reach the API server, ceases to lead without noticing.
 */
@Singleton
public class Leadership implements WriteGate {

    private final InstantSource clock;
    private final LongSupplier nanos;
    private final ReentrantReadWriteLock writing = new ReentrantReadWriteLock();
    private volatile Leadership.@Nullable LeasePeriod reign;

    /** Until when it leads, by two clocks: one stands still while a machine sleeps, the other may be set. */
    private record LeasePeriod(long untilNanos, long untilMillis) {}

    @Inject
    public Leadership(Clock clock) {
        this(clock, System::nanoTime);
    }

    Leadership(InstantSource clock, LongSupplier nanos) {
        this.clock = clock;
        this.nanos = nanos;
    }

    /** The times now, to be taken before the lease is asked for. */
    record Timestamp(long nanos, long millis) {}

    Leadership.Timestamp now() {
        return new Leadership.Timestamp(nanos.getAsLong(), clock.millis());
    }

    /** The lease was taken or renewed by a request that was begun at a moment. */
    void renewed(Leadership.Timestamp begun, Duration lasts) {
        reign = new Leadership.LeasePeriod(begun.nanos() + lasts.toNanos(), begun.millis() + lasts.toMillis());
    }

    /** Whether it may write. */
    public boolean leads() {
        Leadership.LeasePeriod current = reign;
        return current != null
                && nanos.getAsLong() - current.untilNanos() < 0
                && clock.millis() < current.untilMillis();
    }

    @Override
    public <T> T execute(Supplier<T> write) {
        if (!writing.readLock().tryLock()) {
            throw notNow();
        }
        try {
            if (!leads()) {
                throw notNow();
            }
            return write.get();
        } finally {
            writing.readLock().unlock();
        }
    }

    private static PlacementException notNow() {
        return new PlacementException.Unreachable(
                "this operator does not hold the lease of the leader at the moment, so it writes nothing; whoever holds it does");
    }

    /**
     * Nothing is written any more.
     *
     * @return whether all that was under way has ended within a limit
     */
    boolean resign(Duration limit) {
        reign = null;
        try {
            // Never unlocked: this process is about to end.
            return writing.writeLock().tryLock(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
