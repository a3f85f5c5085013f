package io.pciplacement.agent.sysfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pciplacement.pci.PciAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cards that respond late, with an error, or never. */
class SerialNumberCacheTest {

    private static final int CARDS = 12;

    @TempDir
    Path temp;

    private final Map<Path, CountDownLatch> stuck = new ConcurrentHashMap<>();
    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicInteger lateResults = new AtomicInteger();
    private final AtomicLong clock = new AtomicLong();
    private volatile boolean broken;

    private final SerialNumberCache cache =
            new SerialNumberCache(Duration.ofMillis(50), lateResults::incrementAndGet, this::readVpd, this::time);

    /** Number of times that read threads have read the clock: at the start and the end of each read. */
    private final AtomicInteger clockReads = new AtomicInteger();

    private long time() {
        long now = clock.get();
        if (Thread.currentThread().getName().equals("vpd")) {
            clockReads.incrementAndGet();
        }
        return now;
    }

    @AfterEach
    void release() {
        stuck.values().forEach(CountDownLatch::countDown);
    }

    /** The read of a stuck card does not react to interrupts, as in an uninterruptible system call. */
    private Optional<String> readVpd(Path vpd) throws IOException {
        reads.incrementAndGet();
        if (broken) {
            throw new IOException("Input/output error");
        }
        CountDownLatch latch = stuck.get(vpd);
        boolean waits = latch != null;
        while (waits) {
            try {
                latch.await();
                waits = false;
            } catch (InterruptedException e) {
                // an uninterruptible wait
            }
        }
        return Optional.of(vpd.getFileName().toString());
    }

    @Test
    void unresponsiveCardDoesNotBlockOthers() throws IOException {
        blockCard(0);
        CountDownLatch slow = new CountDownLatch(1);
        for (int card = 1; card < CARDS; card++) {
            stuck.put(vpd(card), slow);
        }
        scan();
        assertThat(knownCount()).isZero();
        assertThat(lateResults.get()).isZero();

        slow.countDown();
        await().until(() -> lateResults.get() > 0);
        scan();
        assertThat(knownCount()).isEqualTo(CARDS - 1);
        assertThat(serialNumber(0)).isNull();
    }

    @Test
    void interruptsUnresponsiveCardAndRetriesAtBoundedRate() throws IOException {
        CountDownLatch latch = blockCard(0);
        scan();
        await().until(() -> {
            scan();
            return knownCount() == CARDS - 1;
        });
        assertThat(cache.describeTimeouts()).isEmpty();
        await().until(() -> clockReads.get() == 2 * CARDS - 1);

        clock.addAndGet(Duration.ofSeconds(31).toNanos());
        scan();
        assertThat(cache.describeTimeouts()).singleElement().asString().startsWith("0000:00:00.0: ");

        clock.addAndGet(Duration.ofHours(2).toNanos());
        scan();
        assertThat(reads.get()).as("its thread has not returned").isEqualTo(CARDS);

        latch.countDown();
        stuck.clear();
        await().until(() -> clockReads.get() == 2 * CARDS);
        scan();
        assertThat(reads.get()).as("its thread has only just returned").isEqualTo(CARDS);
        clock.addAndGet(Duration.ofHours(2).toNanos());
        await().until(() -> {
            scan();
            return knownCount() == CARDS;
        });
        assertThat(cache.describeTimeouts()).isEmpty();
        assertThat(reads.get()).isEqualTo(CARDS + 1);
    }

    @Test
    void retriesFailedReadAtBoundedRate() throws IOException {
        broken = true;
        scan();
        await().until(() -> clockReads.get() == 2 * CARDS);
        broken = false;
        scan();
        scan();
        assertThat(reads.get()).isEqualTo(CARDS);
        clock.addAndGet(Duration.ofHours(2).toNanos());
        await().until(() -> {
            scan();
            return knownCount() == CARDS;
        });
        assertThat(reads.get()).isEqualTo(2 * CARDS);
    }

    @Test
    void readsResponsiveCardOnce() throws IOException {
        await().until(() -> {
            scan();
            return knownCount() == CARDS;
        });
        clock.addAndGet(Duration.ofDays(2).toNanos());
        scan();
        assertThat(reads.get()).isEqualTo(CARDS);
    }

    @Test
    void doesNotReadAnythingButRegularFiles() throws IOException {
        Path directory = Files.createDirectory(temp.resolve("directory"));
        cache.requestRead(address(0), 0x10de, 0x20b5, directory);
        cache.requestRead(address(1), 0x10de, 0x20b5, Path.of("/dev/null"));
        cache.requestRead(address(2), 0x10de, 0x20b5, temp.resolve("nowhere"));
        scan();
        await().until(() -> reads.get() >= CARDS);
        assertThat(reads.get()).isEqualTo(CARDS);
    }

    @Test
    void usesFewThreads() throws IOException {
        for (int card = 0; card < CARDS; card++) {
            blockCard(card);
        }
        scan();
        clock.addAndGet(Duration.ofHours(1).toNanos());
        scan();
        scan();
        assertThat(reads.get()).isLessThanOrEqualTo(4);
    }

    private CountDownLatch blockCard(int card) {
        CountDownLatch latch = new CountDownLatch(1);
        stuck.put(vpd(card), latch);
        return latch;
    }

    private Path vpd(int card) {
        return temp.resolve("SN" + card);
    }

    private final Map<Integer, String> serialNumbers = new ConcurrentHashMap<>();

    private void scan() throws IOException {
        for (int card = 0; card < CARDS; card++) {
            if (!Files.exists(vpd(card))) {
                Files.createFile(vpd(card));
            }
            cache.requestRead(address(card), 0x10de, 0x20b5, vpd(card));
        }
        cache.awaitNewReads();
        serialNumbers.clear();
        for (int card = 0; card < CARDS; card++) {
            String serialNumber = cache.findSerialNumber(address(card));
            if (serialNumber != null) {
                serialNumbers.put(card, serialNumber);
            }
        }
        cache.evictAbsent();
    }

    private int knownCount() {
        return serialNumbers.size();
    }

    private @Nullable String serialNumber(int card) {
        return serialNumbers.get(card);
    }

    private static PciAddress address(int card) {
        return new PciAddress(0, 0, card, 0);
    }
}
