package io.pciplacement.agent;

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
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The serial numbers of the cards. A VPD is read through the card itself, four bytes at a time, and some cards take
 * seconds or never answer: so each is read once, on a thread of its own, and a scan waits only a moment for it. What
 * comes later is for the next scan, which is asked for at once.
 */
final class SerialNumbers {

    /** A card that is taken out and put back, or replaced by its like, has another file than before. */
    private record Card(PciAddress address, int vendorId, int productId, Object file) {}

    private final Duration patience;
    private final Runnable late;
    private final ExecutorService thread = oneThread();
    private final Map<PciAddress, Card> seen = new HashMap<>();
    private final Map<Card, CompletableFuture<Optional<String>>> answers = new HashMap<>();
    private boolean asked;

    /**
     * @param patience how long a scan waits for the cards that it sees for the first time, all together
     * @param late what to do when a card answers after that
     */
    SerialNumbers(Duration patience, Runnable late) {
        this.patience = patience;
        this.late = late;
    }

    /** Sees to it that the card's VPD is read if it has one that may be read. */
    void look(PciAddress address, int vendorId, int productId, Path vpd) {
        Object file = identity(vpd);
        if (file == null) {
            return;
        }
        Card card = new Card(address, vendorId, productId, file);
        seen.put(address, card);
        if (!answers.containsKey(card)) {
            answers.put(card, CompletableFuture.supplyAsync(() -> read(vpd), thread));
            asked = true;
        }
    }

    /** Waits a moment for the cards that this scan has seen first. */
    void await() {
        if (!asked) {
            return;
        }
        asked = false;
        CompletableFuture<Void> all = CompletableFuture.allOf(answers.values().toArray(CompletableFuture[]::new));
        try {
            all.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
            var _ = all.whenComplete((nothing, failure) -> late.run());
        }
    }

    /** The serial number of the card at this address, as far as it is known by now. */
    @Nullable String at(PciAddress address) {
        CompletableFuture<Optional<String>> answer = answers.get(seen.get(address));
        return answer == null || !answer.isDone() ? null : answer.join().orElse(null);
    }

    /** Forgets the cards that are no longer there. To be called after each scan. */
    void keepOnlySeen() {
        answers.keySet().retainAll(seen.values());
        seen.clear();
    }

    private static @Nullable Object identity(Path vpd) {
        try {
            return Files.readAttributes(vpd, BasicFileAttributes.class).fileKey();
        } catch (IOException e) {
            return null;
        }
    }

    private static Optional<String> read(Path vpd) {
        try (FileChannel channel = FileChannel.open(vpd, StandardOpenOption.READ)) {
            return Vpd.serialNumber(channel::read);
        } catch (AccessDeniedException | NoSuchFileException e) {
            return Optional.empty(); // root's only, before Linux 6.14
        } catch (IOException e) {
            return Optional.empty(); // a card that sleeps, or whose VPD is broken: it has no serial number for us
        }
    }

    private static ExecutorService oneThread() {
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
                    Thread thread = new Thread(work, "vpd");
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }
}
