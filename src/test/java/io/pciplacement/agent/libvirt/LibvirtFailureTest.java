package io.pciplacement.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests of what the monitor does if libvirt rejects it, fails, hangs or sends garbage. */
class LibvirtFailureTest extends LibvirtMonitorFixture {

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
