package io.pciplacement.operator.sweep;

import io.pciplacement.logging.JvmErrors;
import io.pciplacement.operator.leader.Leadership;
import io.pciplacement.operator.metrics.OperatorCounters;
import io.pciplacement.operator.settings.OperatorSettings;
import io.pciplacement.retry.ExponentialBackoff;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Loop that sweeps Placement and the cluster at intervals and publishes the fleet metrics, while this process leads.
 */
@ApplicationScoped
public class SweepLoop {

    private static final Logger LOG = Logger.getLogger(SweepLoop.class);

    private static final ExponentialBackoff BACKOFF =
            new ExponentialBackoff(Duration.ofSeconds(1), Duration.ofSeconds(10));

    /** Requests have timeouts; no sweep takes longer than this unless its thread is stuck. */
    private static final Duration MAX_SWEEP_DURATION = Duration.ofMinutes(30);

    private final PlacementSweeper placementSweeper;
    private final ClusterSweeper clusterSweeper;
    private final FleetMetrics metrics;
    private final Leadership leadership;
    private final OperatorCounters counters;
    private final OperatorSettings settings;
    private final Clock clock;
    private final Semaphore wakeSignal = new Semaphore(0);
    private volatile @Nullable Thread thread;
    private volatile @Nullable Instant busySince;
    private int failures;

    SweepLoop(
            PlacementSweeper placementSweeper,
            ClusterSweeper clusterSweeper,
            FleetMetrics metrics,
            Leadership leadership,
            OperatorCounters counters,
            OperatorSettings settings,
            Clock clock) {
        this.placementSweeper = placementSweeper;
        this.clusterSweeper = clusterSweeper;
        this.metrics = metrics;
        this.leadership = leadership;
        this.counters = counters;
        this.settings = settings;
        this.clock = clock;
    }

    public void start() {
        thread = Thread.ofPlatform().name("sweep").daemon().start(this::runLoop);
    }

    /** Starts the next sweep immediately, because this process has become the leader. */
    public void triggerSweep() {
        wakeSignal.release();
    }

    /** Whether the sweep thread is alive and not stuck. */
    public boolean isResponsive() {
        Thread sweepThread = thread;
        Instant since = busySince;
        boolean stuck = since != null && clock.instant().isAfter(since.plus(MAX_SWEEP_DURATION));
        return sweepThread == null || (sweepThread.isAlive() && !stuck);
    }

    public void stop() {
        Thread sweepThread = thread;
        if (sweepThread != null) {
            sweepThread.interrupt();
        }
    }

    private void runLoop() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                busySince = clock.instant();
                Duration delay = runOnce();
                busySince = null;
                var _ = wakeSignal.tryAcquire(delay.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Runs one sweep; returns the delay until the next. */
    private Duration runOnce() {
        if (!leadership.isLeader()) {
            metrics.clearMetrics();
            // The webhook of a standby validates requests, too, and needs the standard names.
            return nextDelay(placementSweeper.loadNames(), Duration.ZERO);
        }
        long startNanos = System.nanoTime();
        try {
            placementSweeper.sweepPlacement();
            clusterSweeper.sweepCluster();
            metrics.publishMetrics();
        } catch (RuntimeException | Error e) {
            if (JvmErrors.isFatal(e)) {
                throw e;
            }
            LOG.error("sweep failed, continuing with the next", e);
        }
        Duration duration = Duration.ofNanos(System.nanoTime() - startNanos);
        counters.recordSweepDuration(duration);
        return nextDelay(placementSweeper.isPlacementAvailable(), duration);
    }

    private Duration nextDelay(boolean placementAvailable, Duration duration) {
        if (!placementAvailable) {
            return BACKOFF.delayAfter(failures++);
        }
        failures = 0;
        return new SweepInterval(settings.sweepInterval()).nextDelay(duration, ThreadLocalRandom.current());
    }
}
