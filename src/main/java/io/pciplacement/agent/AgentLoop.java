package io.pciplacement.agent;

import io.pciplacement.agent.kernel.ScanTrigger;
import io.pciplacement.agent.libvirt.AttachmentScan;
import io.pciplacement.agent.log.DefectLogger;
import io.pciplacement.agent.log.LogfmtFailureSink;
import io.pciplacement.agent.log.LogfmtLogger;
import io.pciplacement.agent.publish.InventoryPublisher;
import io.pciplacement.agent.sysfs.ScanResult;
import io.pciplacement.agent.sysfs.SkippedDevices;
import io.pciplacement.retry.RepeatedFailureLogger;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Main loop of the agent: scans, publishes and waits, until its thread is interrupted. */
final class AgentLoop {

    /** Limit for one iteration. An unanswered request takes 15 s, a scan of a large host under load several seconds. */
    private static final Duration MAX_ITERATION = Duration.ofMinutes(2);

    private static final Duration PAUSE_AFTER_DEFECT = Duration.ofSeconds(10);

    private final Supplier<ScanResult> scanner;
    private final Supplier<Optional<AttachmentScan>> attachments;
    private final InventoryPublisher publisher;
    private final ScanTrigger scanTrigger;
    private final Supplier<Duration> rescanInterval;
    private final Clock clock;
    private final LogfmtLogger log;
    private final RepeatedFailureLogger failureLogger;
    private final DefectLogger defectLogger;
    private List<String> lastNotes = List.of();
    private SkippedDevices lastSkipped = SkippedDevices.NONE;
    private long nextScan;
    private long nextPublish;
    private volatile long lastIteration = System.nanoTime();

    /**
     * Creates a loop that has not scanned yet.
     *
     * @param attachments the result of reading libvirt's domains if there is a new one
     * @param rescanInterval the current interval between full scans
     */
    AgentLoop(
            Supplier<ScanResult> scanner,
            Supplier<Optional<AttachmentScan>> attachments,
            InventoryPublisher publisher,
            ScanTrigger scanTrigger,
            Supplier<Duration> rescanInterval,
            Clock clock,
            LogfmtLogger log) {
        this.scanner = scanner;
        this.attachments = attachments;
        this.publisher = publisher;
        this.scanTrigger = scanTrigger;
        this.rescanInterval = rescanInterval;
        this.clock = clock;
        this.log = log;
        this.failureLogger = new RepeatedFailureLogger(new LogfmtFailureSink(log, "scan the PCI devices"));
        this.defectLogger = new DefectLogger(log);
    }

    /** Whether the loop makes progress: false if a scan hangs, or if every iteration fails with an internal error. */
    boolean isResponsive() {
        return System.nanoTime() - lastIteration
                < rescanInterval.get().plus(MAX_ITERATION).toNanos();
    }

    void run() throws InterruptedException {
        nextScan = System.nanoTime();
        nextPublish = nextScan;
        while (!Thread.currentThread().isInterrupted()) {
            try {
                runIteration();
                lastIteration = System.nanoTime();
            } catch (RuntimeException | Error e) {
                // The agent must survive unusual hardware. If the error persists, the heartbeat stops.
                defectLogger.logOnce("publish the devices", e);
                nextPublish = System.nanoTime() + PAUSE_AFTER_DEFECT.toNanos();
                nextScan = nextScan - nextPublish < 0 ? nextPublish : nextScan;
            }
            long wait = Math.max(0, Math.min(nextScan, nextPublish) - System.nanoTime());
            if (scanTrigger.awaitRequest(Duration.of(wait, TimeUnit.NANOSECONDS.toChronoUnit()))) {
                nextScan = System.nanoTime();
            }
        }
    }

    private void runIteration() {
        long now = System.nanoTime();
        if (nextScan - now <= 0) {
            nextScan = now + rescanInterval.get().toNanos();
            ScanResult scan = scanDevices();
            logScanResult(scan);
            if (publisher.submit(scan, currentSecond())) {
                nextPublish = now;
            }
        }
        Optional<AttachmentScan> newAttachments = attachments.get();
        if (newAttachments.isPresent() && publisher.submitAttachments(newAttachments.get(), currentSecond())) {
            nextPublish = now;
        }
        if (nextPublish - now <= 0 && !Thread.currentThread().isInterrupted()) {
            Duration delay = publisher.reconcile();
            nextPublish = System.nanoTime() + delay.toNanos();
        }
    }

    private Instant currentSecond() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS);
    }

    /** An unexpected exception of the scanner is published like any other failed scan. */
    private ScanResult scanDevices() {
        try {
            return scanner.get();
        } catch (RuntimeException | Error e) {
            defectLogger.logOnce("scan the PCI devices", e);
            return new ScanResult.Failed("internal error in the scan, please report it with the agent's log: " + e);
        }
    }

    private void logScanResult(ScanResult scan) {
        switch (scan) {
            case ScanResult.Complete complete -> {
                failureLogger.onSuccess();
                if (!complete.skipped().equals(lastSkipped)) {
                    lastSkipped = complete.skipped();
                    lastSkipped
                            .groups()
                            .forEach(group -> log.info(
                                    "devices skipped",
                                    "reason",
                                    group.reason(),
                                    "count",
                                    group.count(),
                                    "addresses",
                                    String.join(" ", group.addresses())));
                }
                if (!complete.notes().equals(lastNotes)) {
                    lastNotes = complete.notes();
                    lastNotes.forEach(note -> log.warn("scan incomplete", "detail", note));
                }
            }
            case ScanResult.Failed failed -> failureLogger.onFailure(failed.reason());
            case ScanResult.Empty empty -> failureLogger.onFailure(empty.directory() + " is empty");
        }
    }
}
