package io.pciplacement.agent.libvirt;

import io.pciplacement.agent.log.DefectLogger;
import io.pciplacement.agent.log.LogfmtFailureSink;
import io.pciplacement.agent.log.LogfmtLogger;
import io.pciplacement.agent.sysfs.PrintableText;
import io.pciplacement.pci.AttachedServer;
import io.pciplacement.retry.RepeatedFailureLogger;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Monitor of the devices that libvirt has attached to domains. Runs on its own thread, so that a libvirt that hangs
 * does not delay the scan of the devices. It lists the domains after each event, or at an interval if libvirt sends no
 * events, and reads the XML of those that have changed.
 */
public final class LibvirtMonitor implements Runnable {

    private static final Duration CALL_LIMIT = Duration.ofSeconds(10);

    private static final Duration POLL_INTERVAL = Duration.ofSeconds(10);

    /** With events, a poll only detects a daemon that has stopped responding. */
    private static final Duration POLL_INTERVAL_WITH_EVENTS = Duration.ofSeconds(30);

    /** With events, every so many polls list the domains, in case an event was not sent. */
    private static final int POLLS_PER_LISTING_WITH_EVENTS = 10;

    /** A server that is started or deleted causes several events. */
    private static final Duration MIN_INTERVAL = Duration.ofSeconds(1);

    /** Polls between two readings of the XML of all domains if libvirt does not report their changes. */
    private static final int POLLS_PER_COMPLETE_READ = 6;

    private static final int MAX_REASON_LENGTH = 300;

    private final Path socket;
    private final String uri;
    private final Duration callLimit;
    private final Consumer<AttachmentScan> listener;
    private final RepeatedFailureLogger failureLogger;
    private final DefectLogger defectLogger;
    private final DomainXmlParser parser = new DomainXmlParser();
    private final Map<UUID, KnownDomain> known = new HashMap<>();
    private @Nullable LibvirtConnection connection;
    private @Nullable AttachmentScan reported;
    private boolean eventsReported;
    private int polls;
    private int pings;

    /**
     * A domain whose XML has been read.
     *
     * @param server its devices; empty if it has none
     */
    private record KnownDomain(Domain domain, Optional<AttachedServer> server) {}

    /**
     * Creates a monitor that has not connected yet.
     *
     * @param socket socket of libvirt's daemon for read-only clients
     * @param uri the connection URI
     * @param listener receives each result that differs from the previous one, on the thread of the monitor
     */
    public LibvirtMonitor(Path socket, String uri, Consumer<AttachmentScan> listener, LogfmtLogger log) {
        this(socket, uri, CALL_LIMIT, listener, log);
    }

    /** The same with another time limit of calls. */
    LibvirtMonitor(Path socket, String uri, Duration callLimit, Consumer<AttachmentScan> listener, LogfmtLogger log) {
        this.socket = socket;
        this.uri = uri;
        this.callLimit = callLimit;
        this.listener = listener;
        this.failureLogger = new RepeatedFailureLogger(new LogfmtFailureSink(log, "read the domains of libvirt"));
        this.defectLogger = new DefectLogger(log);
    }

    @Override
    public void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                poll();
                Thread.sleep(MIN_INTERVAL);
                Duration interval = eventsReported ? POLL_INTERVAL_WITH_EVENTS : POLL_INTERVAL;
                awaitEvent(interval.minus(MIN_INTERVAL));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            disconnect();
        }
    }

    /**
     * Scans once, unless libvirt would have reported a change. Reports a result that differs from the previous one: the
     * listener would serialize it and compare it with what is published, which takes longer than the scan.
     */
    void poll() {
        if (isUnchanged()) {
            return;
        }
        AttachmentScan result = scan();
        if (!result.equals(reported)) {
            reported = result;
            listener.accept(result);
        }
    }

    private boolean isUnchanged() {
        LibvirtConnection current = connection;
        boolean complete = reported instanceof AttachmentScan.Complete scan && scan.incomplete() == null;
        if (current == null || !eventsReported || !complete || ++pings % POLLS_PER_LISTING_WITH_EVENTS == 0) {
            return false;
        }
        try {
            current.ping();
            return !current.hasEvent();
        } catch (IOException e) {
            // The scan connects again, or reports that it cannot.
            disconnect();
            return false;
        }
    }

    private void awaitEvent(Duration timeout) throws InterruptedException {
        LibvirtConnection current = connection;
        if (current == null) {
            Thread.sleep(timeout);
            return;
        }
        try {
            current.awaitEvent(timeout);
        } catch (IOException e) {
            // The next scan connects again.
            disconnect();
        }
    }

    /** Reads the domains once. */
    AttachmentScan scan() {
        try {
            AttachmentScan.Complete complete = readThroughRestart();
            if (complete.incomplete() == null) {
                failureLogger.onSuccess();
            } else {
                failureLogger.onFailure(complete.incomplete());
            }
            return complete;
        } catch (IOException e) {
            return fail(describe(e));
        } catch (RuntimeException | Error e) {
            defectLogger.logOnce("read the domains of libvirt", e);
            return fail("internal error, please report it with the agent's log: " + e);
        }
    }

    /** If the daemon was restarted, it has closed the connection. */
    private AttachmentScan.Complete readThroughRestart() throws IOException {
        boolean connected = connection != null;
        try {
            return readDomains();
        } catch (IOException e) {
            if (!connected) {
                throw e;
            }
            disconnect();
            return readDomains();
        }
    }

    private AttachmentScan.Failed fail(String reason) {
        disconnect();
        String text = PrintableText.sanitize(reason, MAX_REASON_LENGTH);
        failureLogger.onFailure(text);
        return new AttachmentScan.Failed(text);
    }

    private String describe(IOException e) {
        if (e instanceof LibvirtException.Rejected rejected && rejected.isUnknownUser()) {
            return rejected.getMessage()
                    + ": libvirt rejects clients whose user or group the host does not know; run the"
                    + " agent as one that it knows (Helm values agent.libvirt.runAsUser and runAsGroup)";
        }
        return e instanceof LibvirtException
                ? String.valueOf(e.getMessage())
                : "cannot connect to " + socket + ": " + e.getMessage()
                        + ". Check that libvirt's daemon runs, and that its directory is mounted there";
    }

    private void disconnect() {
        LibvirtConnection current = connection;
        connection = null;
        eventsReported = false;
        if (current != null) {
            current.close();
        }
    }

    private AttachmentScan.Complete readDomains() throws IOException {
        LibvirtConnection current = connection;
        boolean reconnected = current == null;
        if (current == null) {
            current = LibvirtConnection.open(socket, uri, callLimit);
            connection = current;
            // Before the first listing, so that no change is missed.
            eventsReported = current.registerEvents();
        }
        boolean readAll = reconnected || (!eventsReported && polls % POLLS_PER_COMPLETE_READ == 0);
        polls++;
        Set<UUID> changed = current.takeChangedDomains();
        List<Domain> domains = current.listDomains();
        known.keySet().retainAll(domains.stream().map(Domain::uuid).toList());
        List<String> problems = new ArrayList<>();
        for (Domain domain : domains) {
            KnownDomain previous = known.get(domain.uuid());
            if (readAll || previous == null || changed.contains(domain.uuid()) || !previous.domain.equals(domain)) {
                readDomain(current, domain, problems);
            }
        }
        return new AttachmentScan.Complete(
                known.values().stream()
                        .flatMap(domain -> domain.server.stream())
                        .sorted(Comparator.comparing(server -> server.uuid().toString()))
                        .toList(),
                problems.isEmpty() ? null : problems.getFirst() + andMore(problems.size() - 1));
    }

    private static String andMore(int count) {
        return count == 0 ? "" : " (and " + count + " more)";
    }

    /** A domain that cannot be read keeps its devices, and is read again at the next poll. */
    private void readDomain(LibvirtConnection current, Domain domain, List<String> problems) throws IOException {
        try {
            known.put(domain.uuid(), new KnownDomain(domain, parser.parse(domain, current.readXml(domain))));
        } catch (LibvirtException.Rejected | LibvirtException.TooLarge | LibvirtException.InvalidDomain e) {
            if (e instanceof LibvirtException.Rejected rejected && rejected.isNoDomain()) {
                known.remove(domain.uuid());
                return;
            }
            KnownDomain previous = known.get(domain.uuid());
            if (previous != null) {
                // Differs from every domain that is listed, so that it is read again.
                known.put(domain.uuid(), new KnownDomain(new Domain("", domain.uuid(), -1), previous.server));
            }
            problems.add(PrintableText.sanitize(
                    "domain " + domain.uuid() + " cannot be read: " + e.getMessage(), MAX_REASON_LENGTH));
        }
    }
}
