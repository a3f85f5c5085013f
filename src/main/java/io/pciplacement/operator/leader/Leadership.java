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
 * Write gate: whether this process is the leader at this moment. Each write checks the clock instead of a flag that
 * another thread sets: a process that was suspended, or cannot reach the API server, loses leadership without an event.
 */
@Singleton
public class Leadership implements WriteGate {

    private final InstantSource clock;
    private final LongSupplier nanos;
    private final ReentrantReadWriteLock writeLock = new ReentrantReadWriteLock();
    private volatile @Nullable LeasePeriod leasePeriod;

    /**
     * End of the period in which this process may write, by two clocks: one stops while a machine sleeps, the other can
     * be set.
     */
    private record LeasePeriod(long untilNanos, long untilMillis) {}

    @Inject
    public Leadership(Clock clock) {
        this(clock, System::nanoTime);
    }

    Leadership(InstantSource clock, LongSupplier nanos) {
        this.clock = clock;
        this.nanos = nanos;
    }

    /** Time by both clocks; taken before the request that renews the Lease. */
    record Timestamp(long nanos, long millis) {}

    Timestamp currentTimestamp() {
        return new Timestamp(nanos.getAsLong(), clock.millis());
    }

    /** Extends the write period after the Lease was acquired or renewed by a request sent at {@code begun}. */
    void onLeaseRenewed(Timestamp requestStart, Duration writePeriod) {
        leasePeriod = new LeasePeriod(
                requestStart.nanos() + writePeriod.toNanos(), requestStart.millis() + writePeriod.toMillis());
    }

    /** Whether this process may write. */
    public boolean isLeader() {
        LeasePeriod period = leasePeriod;
        return period != null && nanos.getAsLong() - period.untilNanos() < 0 && clock.millis() < period.untilMillis();
    }

    /** Executes a write to Placement. */
    @Override
    public <T> T execute(Supplier<T> write) {
        try {
            return executeAsLeader(write);
        } catch (NotLeadingException e) {
            throw new PlacementException.WriteBlocked(String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * Executes a write if this process is the leader.
     *
     * @throws NotLeadingException if it is not; nothing was sent then
     */
    public <T> T executeAsLeader(Supplier<T> write) {
        if (!writeLock.readLock().tryLock()) {
            throw new NotLeadingException();
        }
        try {
            if (!isLeader()) {
                throw new NotLeadingException();
            }
            return write.get();
        } finally {
            writeLock.readLock().unlock();
        }
    }

    /**
     * Rejects all further writes.
     *
     * @return whether all writes in progress have ended within the limit
     */
    boolean resign(Duration limit) {
        leasePeriod = null;
        try {
            // Never unlocked: this process is about to exit.
            return writeLock.writeLock().tryLock(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
