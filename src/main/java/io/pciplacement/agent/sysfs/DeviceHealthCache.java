package io.pciplacement.agent.sysfs;

import io.pciplacement.api.v1alpha1.DeviceStatus.HealthStatus;
import io.pciplacement.api.v1alpha1.DeviceStatus.LinkStatus;
import io.pciplacement.pci.PciAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Cache of the devices' health. It is read from the devices themselves, by a few threads, because a device may not
 * respond. A scan waits only briefly, and only for devices that are new to it; a later result that differs is used by
 * the next scan, which is requested immediately. A device is read again after a minute at the earliest, and not before
 * the previous read has returned.
 */
public final class DeviceHealthCache {

    /** Threads if every device responds. Each device that does not respond occupies one more. */
    private static final int THREADS = 4;

    private static final int MAX_THREADS = 20;

    /** Time after which a device is regarded as not responding. */
    private static final Duration RESPONSE_TIMEOUT = Duration.ofSeconds(30);

    private static final Duration MIN_INTERVAL = Duration.ofMinutes(1);

    /**
     * Time for which the highest speed is kept. Devices lower the speed of their link while they are idle, so the
     * present speed would often change.
     */
    private static final Duration SPEED_WINDOW = Duration.ofHours(1);

    private final Duration timeout;
    private final Runnable onLateResult;
    private final Function<Path, HealthStatus> reader;
    private final LongSupplier nanoTime;
    private final ThreadPoolExecutor threads = newThreadPool();
    private final Map<PciAddress, Entry> entries = new HashMap<>();
    private final Set<PciAddress> scanned = new HashSet<>();
    private final AtomicBoolean hasLateResult = new AtomicBoolean();
    private boolean hasNewReads;

    /**
     * @param timeout how long a scan waits in total for the devices that are new to it
     * @param onLateResult called when devices have responded after that, or differently from before
     */
    public DeviceHealthCache(Duration timeout, Runnable onLateResult) {
        this(timeout, onLateResult, DeviceHealthReader::readHealth, System::nanoTime);
    }

    DeviceHealthCache(
            Duration timeout, Runnable onLateResult, Function<Path, HealthStatus> reader, LongSupplier nanoTime) {
        this.timeout = timeout;
        this.onLateResult = onLateResult;
        this.reader = reader;
        this.nanoTime = nanoTime;
    }

    /** One read of a device. */
    private final class Attempt implements Runnable {

        private final Path directory;
        private final @Nullable HealthStatus previous;
        private final long requestedAt = nanoTime.getAsLong();
        private final CountDownLatch returned = new CountDownLatch(1);
        private volatile boolean late;
        private volatile @Nullable Long startedAt;
        private volatile @Nullable HealthStatus result;

        /** @param late whether no scan waits for the result */
        Attempt(Path directory, @Nullable HealthStatus previous, boolean late) {
            this.directory = directory;
            this.previous = previous;
            this.late = late;
        }

        @Override
        public void run() {
            startedAt = nanoTime.getAsLong();
            try {
                result = reader.apply(directory);
            } finally {
                returned.countDown();
                if (late) {
                    notifyLateResult();
                }
            }
        }

        boolean isDone() {
            return returned.getCount() == 0;
        }

        void markLate() {
            late = true;
            if (isDone()) { // completed between the end of the wait and this line
                notifyLateResult();
            }
        }

        /** Requests one scan for all results that differ, once no device is queued. */
        private void notifyLateResult() {
            HealthStatus found = result;
            if (found != null && !found.equals(previous)) {
                hasLateResult.set(true);
            }
            if (threads.getQueue().isEmpty() && hasLateResult.getAndSet(false)) {
                onLateResult.run();
            }
        }

        boolean isStuck() {
            Long start = startedAt;
            return !isDone() && start != null && isLongerAgoThan(start, RESPONSE_TIMEOUT);
        }
    }

    /** What is known of one device. A device that was removed and reinserted, or replaced, has a different file key. */
    private final class Entry {

        private final Object fileKey;
        private Attempt attempt;
        private boolean collected;
        private @Nullable HealthStatus lastResult;
        private @Nullable HealthStatus health;
        private long highestSpeedAt;

        Entry(Object fileKey, Path directory) {
            this.fileKey = fileKey;
            this.attempt = startRead(directory, null, false);
            this.highestSpeedAt = attempt.requestedAt;
        }

        void readAgainIfDue(Path directory) {
            collectResult();
            if (attempt.isDone() && isLongerAgoThan(attempt.requestedAt, MIN_INTERVAL)) {
                attempt = startRead(directory, lastResult, true);
                collected = false;
            }
        }

        @Nullable HealthStatus collectResult() {
            HealthStatus found = attempt.isDone() ? attempt.result : null;
            if (found != null && !collected) {
                collected = true;
                lastResult = found;
                health = health == null ? found : merge(health, found);
            }
            return health;
        }

        /** The new values. One that cannot be read at present is unknown, so the previous one is kept. */
        private HealthStatus merge(HealthStatus known, HealthStatus found) {
            return new HealthStatus(
                    withHighestSpeed(found.link(), known.link()),
                    found.correctableErrors() == null ? known.correctableErrors() : found.correctableErrors(),
                    found.nonFatalErrors() == null ? known.nonFatalErrors() : found.nonFatalErrors(),
                    found.fatalErrors() == null ? known.fatalErrors() : found.fatalErrors());
        }

        /** The link with the highest speed of the last hour. */
        private @Nullable LinkStatus withHighestSpeed(@Nullable LinkStatus link, @Nullable LinkStatus known) {
            if (link == null || known == null) {
                return link == null ? known : link;
            }
            String highest = known.speed();
            if (highest == null
                    || (link.speed() != null
                            && (toSpeed(link.speed()) >= toSpeed(highest)
                                    || isLongerAgoThan(highestSpeedAt, SPEED_WINDOW)))) {
                highest = link.speed();
                highestSpeedAt = attempt.requestedAt;
            }
            return new LinkStatus(
                    highest,
                    link.width() == null ? known.width() : link.width(),
                    link.maxSpeed() == null ? known.maxSpeed() : link.maxSpeed(),
                    link.maxWidth() == null ? known.maxWidth() : link.maxWidth());
        }
    }

    private static int toSpeed(String text) {
        return DeviceHealthReader.toDeciGigatransfers(text);
    }

    private boolean isLongerAgoThan(long instant, Duration duration) {
        return nanoTime.getAsLong() - instant > duration.toNanos();
    }

    private Attempt startRead(Path directory, @Nullable HealthStatus previous, boolean late) {
        Attempt attempt = new Attempt(directory, previous, late);
        threads.execute(attempt);
        return attempt;
    }

    /** Starts a read of a device that is new or due. */
    void requestRead(PciAddress address, Path directory) {
        Object fileKey = findFileKey(directory);
        if (fileKey == null) {
            return;
        }
        scanned.add(address);
        Entry entry = entries.get(address);
        if (entry == null || !entry.fileKey.equals(fileKey)) {
            entries.put(address, new Entry(fileKey, directory));
            hasNewReads = true;
        } else {
            entry.readAgainIfDue(directory);
        }
    }

    /** Waits until the timeout for the devices that are new in this scan. */
    void awaitNewReads() {
        int stuck = (int) entries.values().stream()
                .filter(entry -> entry.attempt.isStuck())
                .count();
        threads.setCorePoolSize(Math.min(MAX_THREADS, THREADS + stuck));
        if (!hasNewReads) {
            return;
        }
        hasNewReads = false;
        long deadline = System.nanoTime() + timeout.toNanos();
        List<Attempt> newReads = entries.values().stream()
                .map(entry -> entry.attempt)
                .filter(attempt -> !attempt.late)
                .toList();
        for (Attempt attempt : newReads) {
            try {
                if (attempt.returned.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    continue;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            attempt.markLate();
        }
    }

    /** The health of the devices of this scan that is known. */
    Map<PciAddress, HealthStatus> collectResults() {
        Map<PciAddress, HealthStatus> known = new HashMap<>();
        for (PciAddress address : scanned) {
            HealthStatus health = Objects.requireNonNull(entries.get(address)).collectResult();
            if (health != null && !health.isEmpty()) {
                known.put(address, health);
            }
        }
        return known;
    }

    /** One message for each device that does not respond. */
    List<String> describeStuckReads() {
        return entries.entrySet().stream()
                .filter(entry -> entry.getValue().attempt.isStuck())
                .map(Map.Entry::getKey)
                .sorted()
                .map(address ->
                        "%s: reading its link and error counters has not returned after %d s; it is not repeated"
                                        .formatted(address, RESPONSE_TIMEOUT.toSeconds())
                                + " until then, and the last known values stay")
                .toList();
    }

    /** Removes the devices that are no longer present. To be called after each scan. */
    void evictAbsent() {
        entries.keySet().retainAll(scanned);
        scanned.clear();
    }

    private static @Nullable Object findFileKey(Path directory) {
        try {
            return Files.readAttributes(directory, BasicFileAttributes.class).fileKey();
        } catch (IOException e) {
            return null;
        }
    }

    private static ThreadPoolExecutor newThreadPool() {
        ThreadPoolExecutor executor =
                new ThreadPoolExecutor(THREADS, THREADS, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
                    Thread thread = new Thread(work, "device health");
                    thread.setDaemon(true);
                    return thread;
                });
        executor.setMaximumPoolSize(MAX_THREADS); // limit for setCorePoolSize
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }
}
