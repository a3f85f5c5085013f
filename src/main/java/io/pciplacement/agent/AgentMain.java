package io.pciplacement.agent;

import com.fasterxml.jackson.core.JsonFactory;
import io.pciplacement.agent.kernel.ScanTrigger;
import io.pciplacement.agent.kernel.UeventListener;
import io.pciplacement.agent.log.LogfmtLogger;
import io.pciplacement.agent.publish.InventoryPublisher;
import io.pciplacement.agent.publish.KubernetesApiClient;
import io.pciplacement.agent.publish.LeaseRenewer;
import io.pciplacement.agent.settings.AgentSettings;
import io.pciplacement.agent.sysfs.SerialNumberCache;
import io.pciplacement.agent.sysfs.SysfsScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** The node agent's program. docs/agent.md says what it reads, what it writes, and what it may do. */
public final class AgentMain {

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final Duration MOST_CHECK_INTERVAL = Duration.ofSeconds(30);

    /** How often at least to look where nobody tells of changes. */
    private static final Duration MOST_POLLING = Duration.ofSeconds(30);

    private AgentMain() {}

    public static void main(String[] args) {
        AgentSettings settings;
        try {
            settings = AgentSettings.of(System.getenv());
        } catch (AgentSettings.InvalidSettingException e) {
            System.err.println("pci-agent: " + e.getMessage());
            System.exit(2);
            return;
        }
        run(settings, Clock.systemUTC());
    }

    private static void run(AgentSettings settings, Clock clock) {
        LogfmtLogger log = new LogfmtLogger(System.err, clock);
        JsonFactory json = new JsonFactory();
        KubernetesApiClient api =
                new KubernetesApiClient(settings.apiServer(), settings.tokenFile(), settings.caFile(), json);
        ScanTrigger wakeups = new ScanTrigger();
        SysfsScanner scanner =
                new SysfsScanner(settings.sysfs(), new SerialNumberCache(Duration.ofMillis(100), wakeups::wake));
        InventoryPublisher publisher = new InventoryPublisher(
                api,
                settings.node(),
                new InventoryPublisher.AgentIdentity(version(), bootId()),
                checkInterval(settings.rescanInterval()),
                new SplittableRandom(),
                json,
                log);
        Supplier<Duration> rescanInterval = listen(settings, wakeups, log);
        AgentLoop loop = new AgentLoop(scanner::scan, publisher, wakeups, rescanInterval, clock, log);
        LeaseRenewer heartbeat = new LeaseRenewer(api, settings, loop::turns, clock, new SplittableRandom(), json, log);

        AtomicInteger status = endCleanly(log);
        log.info(
                "started",
                "version",
                version(),
                "node",
                settings.node(),
                "sysfs",
                settings.sysfs(),
                "api",
                settings.apiServer());
        // First, because it opens the connection while the scan is on.
        Thread beats = new Thread(heartbeat, "heartbeat");
        beats.setDaemon(true);
        beats.start();
        try {
            loop.run();
        } catch (InterruptedException e) {
            return; // told to end
        } catch (RuntimeException | Error e) {
            // The loop survives defects of a turn: this is one of the loop itself.
            log.defect("ended", e);
            status.set(1);
            System.exit(1);
        }
    }

    /** Hears of changes from the kernel where that is possible. Returns how often to look for oneself. */
    private static Supplier<Duration> listen(AgentSettings settings, ScanTrigger wakeups, LogfmtLogger log) {
        Duration listening = settings.rescanInterval();
        Duration polling = listening.compareTo(MOST_POLLING) < 0 ? listening : MOST_POLLING;
        try {
            // Before the first scan, so that nothing falls between the two.
            UeventListener events = new UeventListener(settings.sysfs(), wakeups, log);
            Thread thread = new Thread(events, "kernel events");
            thread.setDaemon(true);
            thread.start();
            return () -> events.hearing() ? listening : polling;
        } catch (UeventListener.UeventsUnavailableException e) {
            log.info("polls", "every", polling, "because", e.getMessage());
            return () -> polling;
        }
    }

    /**
     * SIGTERM and SIGINT interrupt the loop, which may be in a request, and end the program with status 0. The Lease is
     * left to run out: an agent that is only being replaced should not look dead.
     */
    private static AtomicInteger endCleanly(LogfmtLogger log) {
        Thread main = Thread.currentThread();
        AtomicInteger status = new AtomicInteger();
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            if (status.get() == 0) {
                                main.interrupt();
                                joinBriefly(main);
                                log.info("ended");
                            }
                            Runtime.getRuntime().halt(status.get());
                        },
                        "end"));
        return status;
    }

    private static void joinBriefly(Thread main) {
        try {
            main.join(TimeUnit.SECONDS.toMillis(2));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Local set-ups rescan fast and want to see an object refilled fast; no more than this load for a real cluster. */
    private static Duration checkInterval(Duration rescanInterval) {
        Duration ten = rescanInterval.multipliedBy(10);
        return ten.compareTo(MOST_CHECK_INTERVAL) < 0 ? ten : MOST_CHECK_INTERVAL;
    }

    private static String version() {
        String version = AgentMain.class.getPackage().getImplementationVersion();
        return version == null ? "dev" : version;
    }

    private static String bootId() {
        try {
            return Files.readString(BOOT_ID).strip();
        } catch (IOException e) {
            return "unknown";
        }
    }
}
