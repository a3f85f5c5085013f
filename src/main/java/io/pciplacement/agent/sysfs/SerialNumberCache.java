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
 * Cache of the cards' serial numbers. A VPD is read through the card itself, four bytes at a time, and some cards take
 * seconds or never answer: so each is read once, by a few threads beside the scan, and a scan waits only a moment for
 * it. What comes later is for the next scan, which is asked for at once.
 */
public final class SerialNumberCache {

    /** Cards that do not answer occupy one thread each until they are given up, so that others are still read. */
    private static final int THREADS = 4;

    /** After this time a read is interrupted. */
    private static final Duration GIVE_UP = Duration.ofSeconds(30);

    /** A card that did not answer, or answered with an error, is read again after this time. */
    private static final Duration RETRY = Duration.ofHours(1);

    /** Reads the serial number from a VPD file. */
    @FunctionalInterface
    interface VpdReader {
        Optional<String> read(Path vpd) throws IOException;
    }

    /** A card that is taken out and put back, or replaced by its like, has another file than before. */
    private record Card(PciAddress address, int vendorId, int productId, Object file) {}

    private final Duration patience;
    private final Runnable onLate;
    private final VpdReader vpdReader;
    private final LongSupplier nanoTime;
    private final ThreadPoolExecutor threads = threads();
    private final Map<PciAddress, Card> seen = new HashMap<>();
    private final Map<Card, Attempt> attempts = new HashMap<>();
    private final AtomicBoolean news = new AtomicBoolean();
    private boolean asked;

    /**
     * @param patience how long a scan waits for the cards that it sees for the first time, all together
     * @param onLate what to do when cards have answered after that, or when it is time to give up on one
     */
    public SerialNumberCache(Duration patience, Runnable onLate) {
        this(patience, onLate, SerialNumberCache::readFile, System::nanoTime);
    }

    public SerialNumberCache(Duration patience, Runnable onLate, VpdReader vpdReader, LongSupplier nanoTime) {
        this.patience = patience;
        this.onLate = onLate;
        this.vpdReader = vpdReader;
        this.nanoTime = nanoTime;
    }

    /** Reads one card's VPD, and knows when it began and ended, also if the attempt is cancelled meanwhile. */
    private final class VpdRead implements Callable<Optional<String>> {

        private final Path vpd;
        private volatile @Nullable Long begun;
        private volatile @Nullable Long ended;

        VpdRead(Path vpd) {
            this.vpd = vpd;
        }

        @Override
        public Optional<String> call() throws IOException {
            begun = nanoTime.getAsLong();
            try {
                return vpdReader.read(vpd);
            } finally {
                ended = nanoTime.getAsLong();
            }
        }

        boolean begunBefore(Duration time) {
            return before(begun, time);
        }

        boolean endedBefore(Duration time) {
            return before(ended, time);
        }

        private boolean before(@Nullable Long event, Duration time) {
            return event != null && nanoTime.getAsLong() - event > time.toNanos();
        }
    }

    /** One attempt to get one card's serial number. */
    private final class Attempt extends FutureTask<Optional<String>> {

        private final VpdRead read;
        private volatile boolean late;

        /** @param late whether no scan waits for it */
        Attempt(VpdRead read, boolean late) {
            super(read);
            this.read = read;
            this.late = late;
        }

        @Override
        protected void done() {
            if (late) {
                announce();
            }
        }

        void becomeLate() {
            late = true;
            if (isDone()) { // between the end of the wait and here
                announce();
            }
        }

        /** Asks for a scan once no card is queued any longer: one scan for all of them. */
        private void announce() {
            if (serialNumber() != null) {
                news.set(true);
            }
            if (threads.getQueue().isEmpty() && news.getAndSet(false)) {
                onLate.run();
            }
        }

        @Nullable String serialNumber() {
            return state() == State.SUCCESS ? resultNow().orElse(null) : null;
        }

        /** Interrupts it if it takes too long. Its thread may stay in the kernel all the same. */
        void giveUpIfStuck() {
            if (!isDone() && read.begunBefore(GIVE_UP)) {
                cancel(true);
            }
        }

        /** Whether to try again: it failed some time ago, and its thread has returned. */
        boolean isDueAgain() {
            return isDone() && state() != State.SUCCESS && read.endedBefore(RETRY);
        }
    }

    /** Sees to it that the card's VPD is read if it has one that may be read. */
    void look(PciAddress address, int vendorId, int productId, Path vpd) {
        Object file = identity(vpd);
        if (file == null) {
            return;
        }
        Card card = new Card(address, vendorId, productId, file);
        seen.put(address, card);
        Attempt attempt = attempts.get(card);
        if (attempt == null) {
            start(card, vpd, false);
            asked = true;
        } else if (attempt.isDueAgain()) {
            start(card, vpd, true);
        } else {
            attempt.giveUpIfStuck();
        }
    }

    private void start(Card card, Path vpd, boolean late) {
        Attempt attempt = new Attempt(new VpdRead(vpd), late);
        attempts.put(card, attempt);
        threads.execute(attempt);
    }

    /** Waits a moment for the cards that this scan has seen first. */
    void await() {
        if (!asked) {
            return;
        }
        asked = false;
        long end = System.nanoTime() + patience.toNanos();
        attempts.values().stream().filter(attempt -> !attempt.late).forEach(attempt -> await(attempt, end));
        List<Attempt> unfinished =
                attempts.values().stream().filter(attempt -> !attempt.isDone()).toList();
        if (!unfinished.isEmpty()) {
            unfinished.forEach(Attempt::becomeLate);
            // By a scan that gives up on those that are stuck, the others get their threads.
            CompletableFuture.delayedExecutor(GIVE_UP.toSeconds() + 1, TimeUnit.SECONDS)
                    .execute(onLate);
        }
    }

    private static void await(Attempt attempt, long end) {
        try {
            attempt.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | CancellationException | TimeoutException e) {
            // It has no serial number, or none yet.
        }
    }

    /** The serial number of the card at this address, as far as it is known by now. */
    @Nullable String at(PciAddress address) {
        Card card = seen.get(address);
        Attempt attempt = card == null ? null : attempts.get(card);
        return attempt == null ? null : attempt.serialNumber();
    }

    /** The cards that were given up, each with what that means. */
    List<String> unanswered() {
        return attempts.entrySet().stream()
                .filter(entry -> entry.getValue().isCancelled())
                .map(entry -> entry.getKey().address())
                .sorted()
                .map(address ->
                        "%s: its VPD did not answer within %d s, so it has no serial number; read again in %d min"
                                .formatted(address, GIVE_UP.toSeconds(), RETRY.toMinutes()))
                .toList();
    }

    /** Forgets the cards that are no longer there. To be called after each scan. */
    void keepOnlySeen() {
        attempts.entrySet().removeIf(entry -> {
            boolean gone = !entry.getKey().equals(seen.get(entry.getKey().address()));
            if (gone) {
                entry.getValue().cancel(true);
            }
            return gone;
        });
        seen.clear();
    }

    /** Empty if there is no VPD that this process may read as a file. */
    private static @Nullable Object identity(Path vpd) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(vpd, BasicFileAttributes.class);
            // Opening anything else, a FIFO say, could wait forever without a way to interrupt it.
            return attributes.isRegularFile() ? attributes.fileKey() : null;
        } catch (IOException e) {
            return null;
        }
    }

    /** @throws IOException if the card sleeps or its VPD is broken */
    private static Optional<String> readFile(Path vpd) throws IOException {
        try (FileChannel channel = FileChannel.open(vpd, StandardOpenOption.READ)) {
            return VpdParser.serialNumber(channel::read);
        } catch (AccessDeniedException | NoSuchFileException e) {
            return Optional.empty(); // root's only, before Linux 6.14
        }
    }

    private static ThreadPoolExecutor threads() {
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(THREADS, THREADS, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
                    Thread thread = new Thread(work, "vpd");
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }
}
