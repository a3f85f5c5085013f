package io.pciplacement.agent;

import com.fasterxml.jackson.core.JsonFactory;
import io.pciplacement.agent.kernel.ScanTrigger;
import io.pciplacement.agent.kernel.UeventListener;
import io.pciplacement.agent.libvirt.AttachmentScan;
import io.pciplacement.agent.libvirt.LibvirtMonitor;
import io.pciplacement.agent.log.LogfmtLogger;
import io.pciplacement.agent.publish.InventoryPublisher;
import io.pciplacement.agent.publish.KubernetesApiClient;
import io.pciplacement.agent.publish.LeaseRenewer;
import io.pciplacement.agent.settings.AgentSettings;
import io.pciplacement.agent.sysfs.DeviceHealthCache;
import io.pciplacement.agent.sysfs.SerialNumberCache;
import io.pciplacement.agent.sysfs.SysfsScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Entry point of the node agent. docs/agent.md describes what it reads, writes and is allowed to do. */
public final class AgentMain {

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final Duration MAX_CHECK_INTERVAL = Duration.ofSeconds(30);

    /** Maximum rescan interval without uevents. */
    private static final Duration MAX_POLLING_INTERVAL = Duration.ofSeconds(30);

    private AgentMain() {}

    public static void main(String[] args) {
        AgentSettings settings;
        try {
            settings = AgentSettings.fromEnvironment(System.getenv());
        } catch (AgentSettings.InvalidSettingException e) {
            System.err.println("pci-agent: " + e.getMessage());
            System.exit(2);
            return;
        }
        startAgent(settings, Clock.systemUTC());
    }

    private static void startAgent(AgentSettings settings, Clock clock) {
        LogfmtLogger log = new LogfmtLogger(System.err, clock);
        JsonFactory json = new JsonFactory();
        KubernetesApiClient api =
                new KubernetesApiClient(settings.apiServer(), settings.tokenFile(), settings.caFile(), json);
        ScanTrigger scanTrigger = new ScanTrigger();
        SysfsScanner scanner = new SysfsScanner(
                settings.sysfs(),
                new SerialNumberCache(Duration.ofMillis(100), scanTrigger::requestScan),
                settings.health() ? new DeviceHealthCache(Duration.ofMillis(100), scanTrigger::requestScan) : null);
        InventoryPublisher publisher = new InventoryPublisher(
                api,
                settings.node(),
                new InventoryPublisher.AgentIdentity(agentVersion(), readBootId()),
                settings.libvirt() != null,
                checkInterval(settings.rescanInterval()),
                new SplittableRandom(),
                json,
                log);
        Supplier<Duration> rescanInterval = startUeventListener(settings, scanTrigger, log);
        AtomicReference<@Nullable AttachmentScan> attachments = new AtomicReference<>();
        AgentLoop loop = new AgentLoop(
                scanner::scan,
                () -> Optional.ofNullable(attachments.getAndSet(null)),
                publisher,
                scanTrigger,
                rescanInterval,
                clock,
                log);
        LeaseRenewer leaseRenewer =
                new LeaseRenewer(api, settings, loop::isResponsive, clock, new SplittableRandom(), json, log);

        AtomicInteger exitStatus = installShutdownHook(log);
        log.info(
                "started",
                "version",
                agentVersion(),
                "node",
                settings.node(),
                "sysfs",
                settings.sysfs(),
                "api",
                settings.apiServer());
        // Started first, so that it opens the connection during the first scan.
        startThread("heartbeat", leaseRenewer);
        if (settings.libvirt() != null) {
            startThread(
                    "libvirt",
                    new LibvirtMonitor(
                            settings.libvirt().socket(),
                            settings.libvirt().uri(),
                            scan -> {
                                attachments.set(scan);
                                scanTrigger.wakeUp();
                            },
                            log));
        }
        try {
            loop.run();
        } catch (InterruptedException e) {
            return; // shutdown requested
        } catch (RuntimeException | Error e) {
            // The loop survives errors of an iteration, so this is one of the loop itself.
            log.logDefect("agent terminated", e);
            exitStatus.set(1);
            System.exit(1);
        }
    }

    private static void startThread(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Listens for uevents if possible. Returns the rescan interval, which depends on whether it works. */
    private static Supplier<Duration> startUeventListener(
            AgentSettings settings, ScanTrigger scanTrigger, LogfmtLogger log) {
        Duration listening = settings.rescanInterval();
        Duration polling = listening.compareTo(MAX_POLLING_INTERVAL) < 0 ? listening : MAX_POLLING_INTERVAL;
        try {
            // Started before the first scan, so that no change is missed in between.
            UeventListener events = new UeventListener(settings.sysfs(), scanTrigger, log);
            startThread("kernel events", events);
            return () -> events.isListening() ? listening : polling;
        } catch (UeventListener.UeventsUnavailableException e) {
            log.info("uevents unavailable, polling", "interval", polling, "reason", e.getMessage());
            return () -> polling;
        }
    }

    /**
     * Makes SIGTERM and SIGINT interrupt the loop, which may be in a request, and end the process with status 0. The
     * Lease is not released, so that an agent that is being replaced does not look dead.
     */
    private static AtomicInteger installShutdownHook(LogfmtLogger log) {
        Thread main = Thread.currentThread();
        AtomicInteger exitStatus = new AtomicInteger();
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            if (exitStatus.get() == 0) {
                                main.interrupt();
                                joinBriefly(main);
                                log.info("stopped");
                            }
                            Runtime.getRuntime().halt(exitStatus.get());
                        },
                        "shutdown"));
        return exitStatus;
    }

    private static void joinBriefly(Thread main) {
        try {
            main.join(TimeUnit.SECONDS.toMillis(2));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Local set-ups use a short rescan interval and expect a recreated object to be filled soon; capped for real
     * clusters.
     */
    private static Duration checkInterval(Duration rescanInterval) {
        Duration tenfold = rescanInterval.multipliedBy(10);
        return tenfold.compareTo(MAX_CHECK_INTERVAL) < 0 ? tenfold : MAX_CHECK_INTERVAL;
    }

    private static String agentVersion() {
        String version = AgentMain.class.getPackage().getImplementationVersion();
        return version == null ? "dev" : version;
    }

    private static String readBootId() {
        try {
            return Files.readString(BOOT_ID).strip();
        } catch (IOException e) {
            return "unknown";
        }
    }
}
