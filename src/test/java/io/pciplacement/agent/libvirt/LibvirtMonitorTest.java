package io.pciplacement.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pciplacement.agent.log.LogfmtLogger;
import io.pciplacement.pci.AttachedServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the monitor reads of libvirt's domains, how often, and what it does if libvirt fails, hangs or sends garbage.
 */
class LibvirtMonitorTest {

    private static final Domain FIRST = new Domain("instance-1", new UUID(0, 1), 1);
    private static final Domain SECOND = new Domain("instance-2", new UUID(0, 2), -1);
    private static final Domain PLAIN = new Domain("instance-3", new UUID(0, 3), 2);

    private final LogfmtLogger log = new LogfmtLogger(
            new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8), Clock.systemUTC());
    private final BlockingQueue<AttachmentScan> results = new LinkedBlockingQueue<>();

    private Path socket;
    private FakeLibvirt libvirt;
    private LibvirtMonitor monitor;

    @BeforeEach
    void start(@TempDir Path directory) {
        socket = directory.resolve("sock");
        libvirt = new FakeLibvirt(socket);
        libvirt.define(FIRST, gpu(0));
        libvirt.define(SECOND, gpu(1));
        libvirt.define(PLAIN, "");
        monitor = new LibvirtMonitor(socket, "qemu:///system", Duration.ofSeconds(2), results::add, log);
    }

    @AfterEach
    void stop() throws IOException {
        libvirt.close();
    }

    private static String gpu(int slot) {
        return """
                <hostdev mode='subsystem' type='pci'>
                  <source><address domain='0x0000' bus='0x81' slot='0x%02x' function='0x0'/></source>
                </hostdev>""".formatted(slot);
    }

    private static List<String> devices(AttachmentScan scan) {
        assertThat(scan).isInstanceOf(AttachmentScan.Complete.class);
        return ((AttachmentScan.Complete) scan)
                .servers().stream()
                        .flatMap(server -> server.devices().keySet().stream()
                                .map(address -> server.uuid().getLeastSignificantBits() + " " + address))
                        .toList();
    }

    private static String incomplete(AttachmentScan scan) {
        assertThat(scan).isInstanceOf(AttachmentScan.Complete.class);
        return ((AttachmentScan.Complete) scan).incomplete();
    }

    private static String reason(AttachmentScan scan) {
        assertThat(scan).isInstanceOf(AttachmentScan.Failed.class);
        return ((AttachmentScan.Failed) scan).reason();
    }

    private int count(Procedure procedure) {
        return Collections.frequency(List.copyOf(libvirt.calls), procedure);
    }

    @Test
    void listsRunningAndStoppedDomainsWithDevices() {
        AttachmentScan scan = monitor.scan();
        assertThat(devices(scan)).containsExactly("1 0000:81:00.0", "2 0000:81:01.0");
        assertThat(incomplete(scan)).isNull();
        assertThat(((AttachmentScan.Complete) scan).servers())
                .extracting(AttachedServer::running)
                .containsExactly(true, false);
    }

    @Test
    void reportsOnlyResultsThatDiffer() throws IOException {
        monitor.poll();
        monitor.poll();
        assertThat(results).hasSize(1);
        libvirt.define(PLAIN, gpu(2));
        libvirt.sendEvent(PLAIN);
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            monitor.poll();
            return results.size() == 2;
        });
        assertThat(devices(List.copyOf(results).getLast())).hasSize(3);
        monitor.poll();
        assertThat(results).hasSize(2);
    }

    @Test
    void idlePollIsOneListing() {
        monitor.scan();
        libvirt.calls.clear();
        for (int poll = 0; poll < 20; poll++) {
            monitor.scan();
        }
        assertThat(libvirt.calls)
                .containsOnly(Procedure.CONNECT_LIST_ALL_DOMAINS)
                .hasSize(20);
    }

    /** The work of a listing of all domains every 30 s exceeds the budget of an idle agent. */
    @Test
    void idlePollWithEventsIsARequestForTheVersion() {
        monitor.poll();
        libvirt.calls.clear();
        for (int poll = 0; poll < 20; poll++) {
            monitor.poll();
        }
        assertThat(count(Procedure.CONNECT_LIST_ALL_DOMAINS)).isEqualTo(2);
        assertThat(libvirt.calls)
                .containsOnly(Procedure.CONNECT_GET_LIB_VERSION, Procedure.CONNECT_LIST_ALL_DOMAINS)
                .hasSize(20);
    }

    @Test
    void changeWithoutAnEventIsFoundByALaterPoll() {
        monitor.poll();
        libvirt.define(new Domain("new", UUID.randomUUID(), 9), gpu(2));
        int polls = 0;
        while (results.size() < 2) {
            monitor.poll();
            polls++;
            assertThat(polls).isLessThanOrEqualTo(10);
        }
        assertThat(devices(List.copyOf(results).getLast())).hasSize(3);
    }

    @Test
    void daemonThatStopsRespondingIsReportedByAnIdlePoll() {
        monitor.poll();
        libvirt.fault = (procedure, serial, out) -> false;
        monitor.poll();
        assertThat(reason(List.copyOf(results).getLast())).isEqualTo("libvirt does not respond");
        libvirt.fault = (procedure, serial, out) -> true;
        monitor.poll();
        assertThat(devices(List.copyOf(results).getLast())).hasSize(2);
    }

    @Test
    void startedAndStoppedAndDeletedDomainsAreRead() {
        monitor.scan();
        libvirt.calls.clear();
        Domain started = new Domain(SECOND.name(), SECOND.uuid(), 5);
        libvirt.define(started, gpu(2));
        libvirt.undefine(FIRST.uuid());
        assertThat(devices(monitor.scan())).containsExactly("2 0000:81:02.0");
        assertThat(count(Procedure.DOMAIN_GET_XML_DESC)).isEqualTo(1);
    }

    /** The domain's id does not change if a device is attached while it runs. */
    @Test
    void domainOfAnEventIsReadAgain() throws IOException {
        monitor.scan();
        libvirt.define(FIRST, gpu(0) + gpu(4));
        assertThat(devices(monitor.scan())).doesNotContain("1 0000:81:04.0");
        libvirt.sendEvent(FIRST);
        libvirt.calls.clear();
        // The event arrives with the response to the listing at the latest.
        monitor.scan();
        assertThat(devices(monitor.scan())).contains("1 0000:81:04.0");
        assertThat(count(Procedure.DOMAIN_GET_XML_DESC)).isEqualTo(1);
    }

    @Test
    void allDomainsAreReadNowAndThenIfLibvirtReportsNoEvents() {
        libvirt.events = false;
        monitor.scan();
        libvirt.define(FIRST, gpu(4));
        int polls = 1;
        while (!devices(monitor.scan()).contains("1 0000:81:04.0")) {
            polls++;
            assertThat(polls).isLessThanOrEqualTo(6);
        }
        assertThat(polls).isGreaterThan(2);
    }

    @Test
    void eventCausesPoll() throws Exception {
        Thread thread = Thread.ofPlatform().start(monitor);
        try {
            assertThat(devices(results.poll(10, TimeUnit.SECONDS))).hasSize(2);
            libvirt.define(FIRST, gpu(4));
            libvirt.sendEvent(FIRST);
            // The next poll would be in ten seconds.
            assertThat(devices(results.poll(5, TimeUnit.SECONDS))).contains("1 0000:81:04.0");
        } finally {
            thread.interrupt();
            assertThat(thread.join(Duration.ofSeconds(10))).isTrue();
        }
    }

    @Test
    void authenticatesWithPolkitIfLibvirtRequiresIt() {
        libvirt.authMethods = new int[] {2};
        assertThat(devices(monitor.scan())).hasSize(2);
        assertThat(libvirt.calls).startsWith(Procedure.AUTH_LIST, Procedure.AUTH_POLKIT, Procedure.CONNECT_OPEN);
    }

    /** libvirt looks up the name of the client's user. */
    @Test
    void userThatTheHostDoesNotKnowIsReported() {
        libvirt.fault = (procedure, serial, out) -> {
            boolean open = procedure == Procedure.CONNECT_OPEN;
            if (open) {
                XdrWriter error = new XdrWriter();
                FakeLibvirt.putError(error, 38, "Failed to find user record for uid '65532'");
                FakeLibvirt.send(out, procedure.number, 1, serial, 1, error.toBytes());
            }
            return !open;
        };
        assertThat(reason(monitor.scan()))
                .startsWith("Failed to find user record")
                .contains("agent.libvirt.runAsUser");
    }

    @Test
    void passwordIsReported() {
        libvirt.authMethods = new int[] {1};
        assertThat(reason(monitor.scan())).contains("requires a password", "auth_unix_ro");
        assertThat(libvirt.calls).containsExactly(Procedure.AUTH_LIST);
    }

    @Test
    void missingSocketIsReported() {
        Path missing = socket.resolveSibling("missing");
        monitor = new LibvirtMonitor(missing, "qemu:///system", Duration.ofSeconds(2), results::add, log);
        assertThat(reason(monitor.scan()))
                .startsWith("cannot connect to " + missing)
                .contains("mounted there");
    }

    /** Events may have been missed meanwhile. */
    @Test
    void readsAllDomainsAfterARestart() throws IOException {
        monitor.scan();
        libvirt.define(FIRST, gpu(4));
        libvirt.disconnectClients();
        assertThat(devices(monitor.scan())).contains("1 0000:81:04.0");
    }

    /** What is known of it is better than nothing, but it is not all. */
    @Test
    void unreadableDomainKeepsItsDevices() {
        monitor.scan();
        Domain restarted = new Domain(FIRST.name(), FIRST.uuid(), 9);
        libvirt.define(restarted, gpu(4));
        libvirt.setXml(FIRST.uuid(), "<garbage");
        AttachmentScan scan = monitor.scan();
        assertThat(devices(scan)).containsExactly("1 0000:81:00.0", "2 0000:81:01.0");
        assertThat(incomplete(scan)).contains(FIRST.uuid().toString(), "cannot be parsed");
        libvirt.define(restarted, gpu(4));
        scan = monitor.scan();
        assertThat(devices(scan)).containsExactly("1 0000:81:04.0", "2 0000:81:01.0");
        assertThat(incomplete(scan)).isNull();
    }

    @Test
    void unreadableNewDomainIsReported() {
        libvirt.define(FIRST, gpu(0) + "<!--" + "x".repeat(LibvirtSocket.MAX_MESSAGE) + "-->");
        libvirt.setXml(PLAIN.uuid(), "<network/>");
        AttachmentScan scan = monitor.scan();
        assertThat(devices(scan)).containsExactly("2 0000:81:01.0");
        assertThat(incomplete(scan)).contains("cannot be read").endsWith("(and 1 more)");
        libvirt.define(FIRST, gpu(0));
        libvirt.define(PLAIN, "");
        assertThat(incomplete(monitor.scan())).isNull();
    }

    /** Deleted after the listing. */
    @Test
    void missingDomainIsNotListed() {
        monitor.scan();
        libvirt.define(new Domain(FIRST.name(), FIRST.uuid(), 9), "");
        libvirt.fault = (procedure, serial, out) -> {
            if (procedure == Procedure.DOMAIN_GET_XML_DESC) {
                libvirt.undefine(FIRST.uuid());
            }
            return true;
        };
        AttachmentScan scan = monitor.scan();
        assertThat(devices(scan)).containsExactly("2 0000:81:01.0");
        assertThat(incomplete(scan)).isNull();
    }

    @Test
    void hangingLibvirtIsReportedAndLeft() throws InterruptedException {
        CountDownLatch resumed = new CountDownLatch(1);
        libvirt.fault = (procedure, serial, out) -> {
            if (procedure == Procedure.CONNECT_LIST_ALL_DOMAINS) {
                try {
                    resumed.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            return true;
        };
        assertThat(reason(monitor.scan())).isEqualTo("libvirt does not respond");
        libvirt.fault = (procedure, serial, out) -> true;
        resumed.countDown();
        assertThat(devices(monitor.scan())).hasSize(2);
    }

    /** The limit is for the whole call, not for each byte. */
    @Test
    void slowResponseIsReported() {
        libvirt.fault = (procedure, serial, out) -> {
            if (procedure == Procedure.CONNECT_LIST_ALL_DOMAINS) {
                int bytes = 40;
                out.writeInt(Integer.BYTES + bytes);
                for (int i = 0; i < bytes; i++) {
                    out.write(0);
                    out.flush();
                    LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
                }
            }
            return true;
        };
        assertThat(reason(monitor.scan())).isEqualTo("libvirt does not respond");
    }

    /** It belongs to a call whose response was too large. */
    @Test
    void responseToAnotherCallIsIgnored() {
        libvirt.fault = (procedure, serial, out) -> {
            FakeLibvirt.send(
                    out,
                    procedure.number,
                    1,
                    serial - 1,
                    0,
                    new XdrWriter().putInt(0).toBytes());
            return true;
        };
        assertThat(devices(monitor.scan())).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 1, LibvirtConnection.MAX_DOMAINS + 1})
    void impossibleNumberOfDomainsIsReported(int count) {
        libvirt.fault = (procedure, serial, out) -> {
            boolean listing = procedure == Procedure.CONNECT_LIST_ALL_DOMAINS;
            if (listing) {
                FakeLibvirt.send(
                        out,
                        procedure.number,
                        1,
                        serial,
                        0,
                        new XdrWriter().putInt(count).toBytes());
            }
            return !listing;
        };
        assertThat(reason(monitor.scan())).contains("which is more than the message contains");
    }

    @Test
    void garbageIsReported() {
        long seed = Long.getLong("libvirt.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            Procedure garbled = Procedure.values()[random.nextInt(Procedure.values().length)];
            byte[] contents = new byte[random.nextInt(200)];
            random.nextBytes(contents);
            boolean lengthFits = random.nextInt(4) > 0;
            libvirt.fault = (procedure, serial, out) -> {
                if (procedure != garbled) {
                    return true;
                }
                int length = lengthFits ? contents.length + Integer.BYTES : contents.length / 3;
                byte[] message = ByteBuffer.allocate(contents.length + Integer.BYTES)
                        .putInt(length)
                        .put(contents)
                        .array();
                out.write(message);
                out.flush();
                throw new IOException("the connection ends");
            };
            AttachmentScan scan = monitor.scan();
            boolean reached = List.copyOf(libvirt.calls).contains(garbled);
            assertThat(scan instanceof AttachmentScan.Failed)
                    .as("round %d, -Dlibvirt.seed=%d: %s", round, seed, scan)
                    .isEqualTo(reached);
            if (scan instanceof AttachmentScan.Failed failed) {
                assertThat(failed.reason()).doesNotContain("internal error");
            }
            libvirt.calls.clear();
            libvirt.fault = (procedure, serial, out) -> true;
            assertThat(devices(monitor.scan())).hasSize(2);
            libvirt.calls.clear();
        }
    }
}
