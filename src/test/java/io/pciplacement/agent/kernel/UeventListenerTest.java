package io.pciplacement.agent.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pciplacement.agent.log.LogfmtLogger;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the kernel tells, from the kernel itself. */
class UeventListenerTest {

    private static final Path SYSFS = Path.of("/sys");

    private final ScanTrigger wakeups = new ScanTrigger();
    private final LogfmtLogger log = new LogfmtLogger(
            new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8), Clock.systemUTC());

    /** Listens until the tests are over: a thread that waits for the kernel does nothing else. */
    private void listen() throws UeventListener.UeventsUnavailableException {
        Thread.ofPlatform().daemon().start(new UeventListener(SYSFS, wakeups, log));
    }

    /** What udevadm trigger does: the kernel tells everybody that the device has changed, and nothing else happens. */
    private static void change(Path device) throws Exception {
        Files.writeString(device.resolve("uevent"), "change");
    }

    private static Path anyDeviceOf(String bus) throws Exception {
        Path folder = SYSFS.resolve("bus").resolve(bus).resolve("devices");
        assumeTrue(Files.isDirectory(folder), "this machine has no " + bus + " bus");
        try (Stream<Path> devices = Files.list(folder)) {
            Path device = devices.sorted().findFirst().orElse(null);
            assumeTrue(device != null, "this machine has no device on its " + bus + " bus");
            assumeTrue(
                    Files.isWritable(device.resolve("uevent")),
                    "only root may ask the kernel for an event, and only where /sys can be written");
            return device;
        }
    }

    @Test
    void aChangeOfADeviceIsHeard() throws Exception {
        Path device = anyDeviceOf("pci");
        listen();
        change(device);
        assertThat(wakeups.await(Duration.ofSeconds(20))).isTrue();
    }

    @Test
    void manyChangesAtOnceAskForFewScans() throws Exception {
        Path device = anyDeviceOf("pci");
        listen();
        for (int i = 0; i < 500; i++) {
            change(device);
        }
        int scans = 0;
        while (wakeups.await(Duration.ofSeconds(scans == 0 ? 20 : 2))) {
            scans++;
        }
        // Each stands for a tenth of a second of quiet, or for all that came in four tenths.
        assertThat(scans).isBetween(1, 50);
    }

    @Test
    void aTreeThatIsNoKernelsIsNotListenedFor(@TempDir Path tree) {
        assertThatThrownBy(() -> new UeventListener(tree, wakeups, log))
                .isInstanceOf(UeventListener.UeventsUnavailableException.class)
                .hasMessageContaining(tree.toString());
    }

    @Test
    void partsOfTheHostsSysfsAreListenedFor(@TempDir Path tree) throws Exception {
        assumeTrue(Files.isDirectory(SYSFS.resolve("bus/pci/devices")), "this machine has no pci bus");
        Files.createSymbolicLink(tree.resolve("bus"), SYSFS.resolve("bus"));
        try {
            Thread.ofPlatform().daemon().start(new UeventListener(tree, wakeups, log));
        } catch (UeventListener.UeventsUnavailableException e) {
            assertThat(e).hasMessageContaining("user namespace");
        }
    }

    @Test
    void onlyPciCounts() {
        assertThat(isOfPci("add@/devices/pci0000:00/0000:00:04.0", "ACTION=add", "SUBSYSTEM=pci", "SEQNUM=1"))
                .isTrue();
        assertThat(isOfPci("add@/devices/x", "ACTION=add", "SUBSYSTEM=pci")).isTrue();
        assertThat(isOfPci("add@/devices/x", "SUBSYSTEM=net", "SEQNUM=2")).isFalse();
        assertThat(isOfPci("add@/devices/x", "SUBSYSTEM=pci_express")).isFalse();
        assertThat(isOfPci("add@/devices/x", "OLDSUBSYSTEM=pci")).isFalse();
        assertThat(isOfPci("")).isFalse();
    }

    private static boolean isOfPci(String... parts) {
        String message = String.join("\0", parts) + "\0";
        return UeventListener.isOfPci(ByteBuffer.wrap(message.getBytes(StandardCharsets.UTF_8)));
    }
}
