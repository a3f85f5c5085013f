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

/** Cards that answer late, with an error, or never. */
class SerialNumberCacheTest {

    private static final int CARDS = 12;

    @TempDir
    Path temp;

    private final Map<Path, CountDownLatch> stuck = new ConcurrentHashMap<>();
    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicInteger late = new AtomicInteger();
    private final AtomicLong clock = new AtomicLong();
    private volatile boolean broken;

    private final SerialNumberCache numbers =
            new SerialNumberCache(Duration.ofMillis(50), late::incrementAndGet, this::read, this::time);

    /** Beginnings and ends of reads that have taken their time from the clock. */
    private final AtomicInteger timesTaken = new AtomicInteger();

    private long time() {
        long now = clock.get();
        if (Thread.currentThread().getName().equals("vpd")) {
            timesTaken.incrementAndGet();
        }
        return now;
    }

    @AfterEach
    void release() {
        stuck.values().forEach(CountDownLatch::countDown);
    }

    /** A stuck card is one whose read does not even react to an interrupt, as in an uninterruptible system call. */
    private Optional<String> read(Path vpd) throws IOException {
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
    void aCardThatNeverAnswersDoesNotKeepOthersSerialNumbersAway() throws IOException {
        stick(0);
        CountDownLatch slow = new CountDownLatch(1);
        for (int card = 1; card < CARDS; card++) {
            stuck.put(vpd(card), slow);
        }
        scan();
        assertThat(numbered()).isZero();
        assertThat(late.get()).isZero();

        slow.countDown();
        await().until(() -> late.get() > 0);
        scan();
        assertThat(numbered()).isEqualTo(CARDS - 1);
        assertThat(serialNumber(0)).isNull();
    }

    @Test
    void aCardThatDoesNotAnswerIsGivenUpAndReadAgainAtABoundedRate() throws IOException {
        CountDownLatch latch = stick(0);
        scan();
        await().until(() -> {
            scan();
            return numbered() == CARDS - 1;
        });
        assertThat(numbers.unanswered()).isEmpty();
        await().until(() -> timesTaken.get() == 2 * CARDS - 1);

        clock.addAndGet(Duration.ofSeconds(31).toNanos());
        scan();
        assertThat(numbers.unanswered()).singleElement().asString().startsWith("0000:00:00.0: ");

        clock.addAndGet(Duration.ofHours(2).toNanos());
        scan();
        assertThat(reads.get()).as("its thread has not come back").isEqualTo(CARDS);

        latch.countDown();
        stuck.clear();
        await().until(() -> timesTaken.get() == 2 * CARDS);
        scan();
        assertThat(reads.get()).as("it has only just come back").isEqualTo(CARDS);
        clock.addAndGet(Duration.ofHours(2).toNanos());
        await().until(() -> {
            scan();
            return numbered() == CARDS;
        });
        assertThat(numbers.unanswered()).isEmpty();
        assertThat(reads.get()).isEqualTo(CARDS + 1);
    }

    @Test
    void aCardThatAnswersWithAnErrorIsReadAgainAtABoundedRate() throws IOException {
        broken = true;
        scan();
        await().until(() -> timesTaken.get() == 2 * CARDS);
        broken = false;
        scan();
        scan();
        assertThat(reads.get()).isEqualTo(CARDS);
        clock.addAndGet(Duration.ofHours(2).toNanos());
        await().until(() -> {
            scan();
            return numbered() == CARDS;
        });
        assertThat(reads.get()).isEqualTo(2 * CARDS);
    }

    @Test
    void aCardThatAnswersIsReadOnce() throws IOException {
        await().until(() -> {
            scan();
            return numbered() == CARDS;
        });
        clock.addAndGet(Duration.ofDays(2).toNanos());
        scan();
        assertThat(reads.get()).isEqualTo(CARDS);
    }

    @Test
    void whatIsNoRegularFileIsNotRead() throws IOException {
        Path folder = Files.createDirectory(temp.resolve("folder"));
        numbers.look(address(0), 0x10de, 0x20b5, folder);
        numbers.look(address(1), 0x10de, 0x20b5, Path.of("/dev/null"));
        numbers.look(address(2), 0x10de, 0x20b5, temp.resolve("nowhere"));
        scan();
        await().until(() -> reads.get() >= CARDS);
        assertThat(reads.get()).isEqualTo(CARDS);
    }

    @Test
    void readersAreFew() throws IOException {
        for (int card = 0; card < CARDS; card++) {
            stick(card);
        }
        scan();
        clock.addAndGet(Duration.ofHours(1).toNanos());
        scan();
        scan();
        assertThat(reads.get()).isLessThanOrEqualTo(4);
    }

    private CountDownLatch stick(int card) {
        CountDownLatch latch = new CountDownLatch(1);
        stuck.put(vpd(card), latch);
        return latch;
    }

    private Path vpd(int card) {
        return temp.resolve("SN" + card);
    }

    private final Map<Integer, String> known = new ConcurrentHashMap<>();

    private void scan() throws IOException {
        for (int card = 0; card < CARDS; card++) {
            if (!Files.exists(vpd(card))) {
                Files.createFile(vpd(card));
            }
            numbers.look(address(card), 0x10de, 0x20b5, vpd(card));
        }
        numbers.await();
        known.clear();
        for (int card = 0; card < CARDS; card++) {
            String serialNumber = numbers.at(address(card));
            if (serialNumber != null) {
                known.put(card, serialNumber);
            }
        }
        numbers.keepOnlySeen();
    }

    private int numbered() {
        return known.size();
    }

    private @Nullable String serialNumber(int card) {
        return known.get(card);
    }

    private static PciAddress address(int card) {
        return new PciAddress(0, 0, card, 0);
    }
}
