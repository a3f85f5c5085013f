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

    private static final Duration PAUSE_AFTER_DEFECT = Duration.ofSeconds(10);

    private final Supplier<Scan> scanner;
    private final InventoryPublisher publisher;
    private final Wakeups wakeups;
    private final Supplier<Duration> rescanInterval;
    private final Clock clock;
    private final Log log;
    private final Trouble trouble;
    private final Defects defects;
    private List<String> notes = List.of();
    private Skipped skipped = Skipped.NONE;
    private long nextScan;
    private long nextAttempt;
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
        this.defects = new Defects(log);
    }

    /**
     * Whether the loop goes round: false if a scan hangs, or if nothing can be published for a defect of this program.
     */
    boolean turns() {
        return System.nanoTime() - lastTurn
                < rescanInterval.get().plus(LONGEST_TURN).toNanos();
    }

    void run() throws InterruptedException {
        nextScan = System.nanoTime();
        nextAttempt = nextScan;
        while (!Thread.currentThread().isInterrupted()) {
            try {
                turn();
                lastTurn = System.nanoTime();
            } catch (RuntimeException | Error e) {
                // One host's odd hardware must not leave it without an agent. The heartbeat stops if this goes on.
                defects.report("publish the devices", e);
                nextAttempt = System.nanoTime() + PAUSE_AFTER_DEFECT.toNanos();
                nextScan = nextScan - nextAttempt < 0 ? nextAttempt : nextScan;
            }
            long wait = Math.max(0, Math.min(nextScan, nextAttempt) - System.nanoTime());
            if (wakeups.await(Duration.of(wait, TimeUnit.NANOSECONDS.toChronoUnit()))) {
                nextScan = System.nanoTime();
            }
        }
    }

    private void turn() {
        long now = System.nanoTime();
        if (nextScan - now <= 0) {
            nextScan = now + rescanInterval.get().toNanos();
            Scan scan = scan();
            tell(scan);
            if (publisher.offer(scan, clock.instant().truncatedTo(ChronoUnit.SECONDS))) {
                nextAttempt = now;
            }
        }
        if (nextAttempt - now <= 0 && !Thread.currentThread().isInterrupted()) {
            Duration pause = publisher.attempt();
            nextAttempt = System.nanoTime() + pause.toNanos();
        }
    }

    /** A defect of the scanner is published as any other failed scan. */
    private Scan scan() {
        try {
            return scanner.get();
        } catch (RuntimeException | Error e) {
            defects.report("scan the PCI devices", e);
            return new Scan.Failed("the scan ended with a defect, see the agent's log and report it: " + e);
        }
    }

    private void tell(Scan scan) {
        switch (scan) {
            case Scan.Complete complete -> {
                trouble.over();
                if (!complete.skipped().equals(skipped)) {
                    skipped = complete.skipped();
                    skipped.groups()
                            .forEach(group -> log.info(
                                    "skipped",
                                    "reason",
                                    group.reason(),
                                    "count",
                                    group.count(),
                                    "addresses",
                                    String.join(" ", group.addresses())));
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
