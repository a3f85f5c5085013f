package io.pciplacement.agent;

import io.pciplacement.agent.kernel.ScanTrigger;
import io.pciplacement.agent.log.DefectLogger;
import io.pciplacement.agent.log.LogfmtLogger;
import io.pciplacement.agent.log.RepeatedFailureLogger;
import io.pciplacement.agent.publish.InventoryPublisher;
import io.pciplacement.agent.sysfs.ScanResult;
import io.pciplacement.agent.sysfs.SkippedDevices;
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

    private final Supplier<ScanResult> scanner;
    private final InventoryPublisher publisher;
    private final ScanTrigger wakeups;
    private final Supplier<Duration> rescanInterval;
    private final Clock clock;
    private final LogfmtLogger log;
    private final RepeatedFailureLogger trouble;
    private final DefectLogger defects;
    private List<String> notes = List.of();
    private SkippedDevices skipped = SkippedDevices.NONE;
    private long nextScan;
    private long nextAttempt;
    private volatile long lastTurn = System.nanoTime();

    /** @param rescanInterval how long at most until everything is read again, as things are */
    AgentLoop(
            Supplier<ScanResult> scanner,
            InventoryPublisher publisher,
            ScanTrigger wakeups,
            Supplier<Duration> rescanInterval,
            Clock clock,
            LogfmtLogger log) {
        this.scanner = scanner;
        this.publisher = publisher;
        this.wakeups = wakeups;
        this.rescanInterval = rescanInterval;
        this.clock = clock;
        this.log = log;
        this.trouble = new RepeatedFailureLogger(log, "scan the PCI devices");
        this.defects = new DefectLogger(log);
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
            ScanResult scan = scan();
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
    private ScanResult scan() {
        try {
            return scanner.get();
        } catch (RuntimeException | Error e) {
            defects.report("scan the PCI devices", e);
            return new ScanResult.Failed("the scan ended with a defect, see the agent's log and report it: " + e);
        }
    }

    private void tell(ScanResult scan) {
        switch (scan) {
            case ScanResult.Complete complete -> {
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
            case ScanResult.Failed failed -> trouble.failed(failed.reason());
            case ScanResult.Empty nothing -> trouble.failed(nothing.place() + " is empty");
        }
    }
}
