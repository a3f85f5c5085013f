package io.pciplacement.agent.sysfs;

import io.pciplacement.pci.PciAddress;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Cache of the cards' serial numbers. A VPD is read from the card itself, four bytes at a time, and some cards take
 * seconds or never respond. Therefore each VPD is read once, by one of a few threads, and a scan waits only briefly for
 * it. A later result is used by the next scan, which is requested immediately.
 */
public final class SerialNumberCache {

    /** Each card that does not respond occupies one thread until its read times out; the others are still read. */
    private static final int MAX_THREADS = 4;

    /** Time after which a read is interrupted. */
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(30);

    /** Time after which a read that failed or timed out is repeated. */
    private static final Duration RETRY_DELAY = Duration.ofHours(1);

    /** Reads the serial number from a VPD file. */
    @FunctionalInterface
    interface VpdReader {
        Optional<String> readSerialNumber(Path vpd) throws IOException;
    }

    /**
     * Identity of a card. A card that was removed and reinserted, or replaced by a similar one, has a different file
     * key.
     */
    private record Card(PciAddress address, int vendorId, int productId, Object fileKey) {}

    private final Duration timeout;
    private final Runnable onLateResult;
    private final VpdReader vpdReader;
    private final LongSupplier nanoTime;
    private final ThreadPoolExecutor threads = newThreadPool();
    private final Map<PciAddress, Card> scannedCards = new HashMap<>();
    private final Map<Card, Attempt> attempts = new HashMap<>();
    private final AtomicBoolean hasLateResult = new AtomicBoolean();
    private boolean hasNewReads;

    /**
     * @param timeout how long a scan waits in total for the cards that are new to it
     * @param onLateResult called when cards have responded after that, or when a read is due to be interrupted
     */
    public SerialNumberCache(Duration timeout, Runnable onLateResult) {
        this(timeout, onLateResult, SerialNumberCache::readVpdFile, System::nanoTime);
    }

    public SerialNumberCache(Duration timeout, Runnable onLateResult, VpdReader vpdReader, LongSupplier nanoTime) {
        this.timeout = timeout;
        this.onLateResult = onLateResult;
        this.vpdReader = vpdReader;
        this.nanoTime = nanoTime;
    }

    /** Read of one card's VPD; records when it started and ended, even if the attempt was cancelled in the meantime. */
    private final class VpdRead implements Callable<Optional<String>> {

        private final Path vpd;
        private volatile @Nullable Long startedAt;
        private volatile @Nullable Long endedAt;

        VpdRead(Path vpd) {
            this.vpd = vpd;
        }

        @Override
        public Optional<String> call() throws IOException {
            startedAt = nanoTime.getAsLong();
            try {
                return vpdReader.readSerialNumber(vpd);
            } finally {
                endedAt = nanoTime.getAsLong();
            }
        }

        boolean startedLongerAgoThan(Duration duration) {
            return isLongerAgoThan(startedAt, duration);
        }

        boolean endedLongerAgoThan(Duration duration) {
            return isLongerAgoThan(endedAt, duration);
        }

        private boolean isLongerAgoThan(@Nullable Long instant, Duration duration) {
            return instant != null && nanoTime.getAsLong() - instant > duration.toNanos();
        }
    }

    /** Attempt to read one card's serial number. */
    private final class Attempt extends FutureTask<Optional<String>> {

        private final VpdRead read;
        private volatile boolean late;

        /** @param late whether no scan waits for the result */
        Attempt(VpdRead read, boolean late) {
            super(read);
            this.read = read;
            this.late = late;
        }

        @Override
        protected void done() {
            if (late) {
                notifyLateResult();
            }
        }

        void markLate() {
            late = true;
            if (isDone()) { // completed between the end of the wait and this line
                notifyLateResult();
            }
        }

        /** Requests one scan for all late results, once no card is queued. */
        private void notifyLateResult() {
            if (serialNumber() != null) {
                hasLateResult.set(true);
            }
            if (threads.getQueue().isEmpty() && hasLateResult.getAndSet(false)) {
                onLateResult.run();
            }
        }

        @Nullable String serialNumber() {
            return state() == State.SUCCESS ? resultNow().orElse(null) : null;
        }

        /** Interrupts the read if it takes too long. Its thread may still remain in the kernel. */
        void cancelIfStuck() {
            if (!isDone() && read.startedLongerAgoThan(READ_TIMEOUT)) {
                cancel(true);
            }
        }

        /** Whether to retry: the read failed long enough ago, and its thread has returned. */
        boolean isDueForRetry() {
            return isDone() && state() != State.SUCCESS && read.endedLongerAgoThan(RETRY_DELAY);
        }
    }

    /** Starts a read of the card's VPD, if it has a readable one and no result yet. */
    void requestRead(PciAddress address, int vendorId, int productId, Path vpd) {
        Object fileKey = findFileKey(vpd);
        if (fileKey == null) {
            return;
        }
        Card card = new Card(address, vendorId, productId, fileKey);
        scannedCards.put(address, card);
        Attempt attempt = attempts.get(card);
        if (attempt == null) {
            startRead(card, vpd, false);
            hasNewReads = true;
        } else if (attempt.isDueForRetry()) {
            startRead(card, vpd, true);
        } else {
            attempt.cancelIfStuck();
        }
    }

    private void startRead(Card card, Path vpd, boolean late) {
        Attempt attempt = new Attempt(new VpdRead(vpd), late);
        attempts.put(card, attempt);
        threads.execute(attempt);
    }

    /** Waits until the timeout for the cards that are new in this scan. */
    void awaitNewReads() {
        if (!hasNewReads) {
            return;
        }
        hasNewReads = false;
        long deadline = System.nanoTime() + timeout.toNanos();
        attempts.values().stream().filter(attempt -> !attempt.late).forEach(attempt -> awaitAttempt(attempt, deadline));
        List<Attempt> unfinished =
                attempts.values().stream().filter(attempt -> !attempt.isDone()).toList();
        if (!unfinished.isEmpty()) {
            unfinished.forEach(Attempt::markLate);
            // The scan requested here interrupts the stuck reads, which frees their threads for the other cards.
            CompletableFuture.delayedExecutor(READ_TIMEOUT.toSeconds() + 1, TimeUnit.SECONDS)
                    .execute(onLateResult);
        }
    }

    private static void awaitAttempt(Attempt attempt, long deadline) {
        try {
            attempt.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | CancellationException | TimeoutException e) {
            // no serial number, or none yet
        }
    }

    /** The serial number of the card at this address; null if it is not known, or not yet. */
    @Nullable String findSerialNumber(PciAddress address) {
        Card card = scannedCards.get(address);
        Attempt attempt = card == null ? null : attempts.get(card);
        return attempt == null ? null : attempt.serialNumber();
    }

    /** One message for each card whose read timed out. */
    List<String> describeTimeouts() {
        return attempts.entrySet().stream()
                .filter(entry -> entry.getValue().isCancelled())
                .map(entry -> entry.getKey().address())
                .sorted()
                .map(address ->
                        "%s: reading the VPD timed out after %d s, so the serial number is unknown; retried in %d min"
                                .formatted(address, READ_TIMEOUT.toSeconds(), RETRY_DELAY.toMinutes()))
                .toList();
    }

    /** Removes the cards that are no longer present. To be called after each scan. */
    void evictAbsent() {
        attempts.entrySet().removeIf(entry -> {
            boolean absent =
                    !entry.getKey().equals(scannedCards.get(entry.getKey().address()));
            if (absent) {
                entry.getValue().cancel(true);
            }
            return absent;
        });
        scannedCards.clear();
    }

    /** Key of the VPD file; null if there is none that this process can read as a regular file. */
    private static @Nullable Object findFileKey(Path vpd) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(vpd, BasicFileAttributes.class);
            // Opening anything else, for example a FIFO, could block forever without a way to interrupt it.
            return attributes.isRegularFile() ? attributes.fileKey() : null;
        } catch (IOException e) {
            return null;
        }
    }

    /** @throws IOException if the card is in a sleep state or its VPD is broken */
    private static Optional<String> readVpdFile(Path vpd) throws IOException {
        try (FileChannel channel = FileChannel.open(vpd, StandardOpenOption.READ)) {
            return VpdParser.findSerialNumber(channel::read);
        } catch (AccessDeniedException | NoSuchFileException e) {
            return Optional.empty(); // readable only by root before Linux 6.14
        }
    }

    private static ThreadPoolExecutor newThreadPool() {
        ThreadPoolExecutor executor = new ThreadPoolExecutor(
                MAX_THREADS, MAX_THREADS, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
                    Thread thread = new Thread(work, "vpd");
                    thread.setDaemon(true);
                    return thread;
                });
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }
}
