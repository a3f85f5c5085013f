package io.pciplacement.agent;

import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Scan, publish, wait: until the thread is interrupted. */
final class AgentLoop {

    /** A request that is not answered takes this long, and a scan of a big host under load some seconds. */
    private static final Duration LONGEST_TURN = Duration.ofMinutes(2);

    private final Supplier<Scan> scanner;
    private final InventoryPublisher publisher;
    private final Wakeups wakeups;
    private final Supplier<Duration> rescanInterval;
    private final Clock clock;
    private final Log log;
    private final Trouble trouble;
    private List<String> notes = List.of();
    private List<String> skipped = List.of();
    private volatile long lastTurn = System.nanoTime();

    /** @param rescanInterval how long at most until everything is read again, as things are */
    AgentLoop(
            Supplier<Scan> scanner,
            InventoryPublisher publisher,
            Wakeups wakeups,
            Supplier<Duration> rescanInterval,
            Clock clock,
            Log log) {
        this.scanner = scanner;
        this.publisher = publisher;
        this.wakeups = wakeups;
        this.rescanInterval = rescanInterval;
        this.clock = clock;
        this.log = log;
        this.trouble = new Trouble(log, "scan the PCI devices");
    }

    /** Whether the loop goes round: false when a scan hangs. */
    boolean turns() {
        return System.nanoTime() - lastTurn
                < rescanInterval.get().plus(LONGEST_TURN).toNanos();
    }

    void run() throws InterruptedException {
        long nextScan = System.nanoTime();
        long nextAttempt = nextScan;
        while (!Thread.currentThread().isInterrupted()) {
            long now = System.nanoTime();
            lastTurn = now;
            if (nextScan - now <= 0) {
                Scan scan = scanner.get();
                tell(scan);
                if (publisher.offer(scan, clock.instant().truncatedTo(ChronoUnit.SECONDS))) {
                    nextAttempt = now;
                }
                nextScan = now + rescanInterval.get().toNanos();
            }
            if (nextAttempt - now <= 0 && !Thread.currentThread().isInterrupted()) {
                Duration pause = publisher.attempt();
                nextAttempt = System.nanoTime() + pause.toNanos();
            }
            long wait = Math.max(0, Math.min(nextScan, nextAttempt) - System.nanoTime());
            if (wakeups.await(Duration.of(wait, TimeUnit.NANOSECONDS.toChronoUnit()))) {
                nextScan = System.nanoTime();
            }
        }
    }

    private void tell(Scan scan) {
        switch (scan) {
            case Scan.Complete complete -> {
                trouble.over();
                if (!complete.skipped().equals(skipped)) {
                    skipped = complete.skipped();
                    skipped.forEach(name -> log.warn("skipped", "what", name, "why", Skipped.WHY));
                }
                if (!complete.notes().equals(notes)) {
                    notes = complete.notes();
                    notes.forEach(note -> log.warn("skipped", "what", note));
                }
            }
            case Scan.Failed failed -> trouble.failed(failed.reason());
            case Scan.Nothing nothing -> trouble.failed(nothing.place() + " is empty");
        }
    }
}
