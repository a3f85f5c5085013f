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

/** Uevents of the real kernel. */
class UeventListenerTest {

    private static final Path SYSFS = Path.of("/sys");

    private final ScanTrigger scanTrigger = new ScanTrigger();
    private final LogfmtLogger log = new LogfmtLogger(
            new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8), Clock.systemUTC());

    /** Starts a listener that runs until the tests end; its thread only waits for the kernel. */
    private void startListener() throws UeventListener.UeventsUnavailableException {
        Thread.ofPlatform().daemon().start(new UeventListener(SYSFS, scanTrigger, log));
    }

    /** Makes the kernel send a change event without any other effect, as udevadm trigger does. */
    private static void triggerUevent(Path device) throws Exception {
        Files.writeString(device.resolve("uevent"), "change");
    }

    private static Path findDevice(String bus) throws Exception {
        Path directory = SYSFS.resolve("bus").resolve(bus).resolve("devices");
        assumeTrue(Files.isDirectory(directory), "this machine has no " + bus + " bus");
        try (Stream<Path> devices = Files.list(directory)) {
            Path device = devices.sorted().findFirst().orElse(null);
            assumeTrue(device != null, "this machine has no device on its " + bus + " bus");
            assumeTrue(
                    Files.isWritable(device.resolve("uevent")),
                    "only root can trigger a uevent, and only if /sys is writable");
            return device;
        }
    }

    @Test
    void deviceChangeRequestsScan() throws Exception {
        Path device = findDevice("pci");
        startListener();
        triggerUevent(device);
        assertThat(scanTrigger.awaitRequest(Duration.ofSeconds(20))).isTrue();
    }

    @Test
    void debouncesManyChanges() throws Exception {
        Path device = findDevice("pci");
        startListener();
        for (int i = 0; i < 500; i++) {
            triggerUevent(device);
        }
        int scans = 0;
        while (scanTrigger.awaitRequest(Duration.ofSeconds(scans == 0 ? 20 : 2))) {
            scans++;
        }
        // One scan per quiet period of 100 ms, or per 400 ms of continuous events.
        assertThat(scans).isBetween(1, 50);
    }

    @Test
    void rejectsTreeThatIsNotSysfs(@TempDir Path tree) {
        assertThatThrownBy(() -> new UeventListener(tree, scanTrigger, log))
                .isInstanceOf(UeventListener.UeventsUnavailableException.class)
                .hasMessageContaining(tree.toString());
    }

    @Test
    void acceptsPartiallyMountedSysfs(@TempDir Path tree) throws Exception {
        assumeTrue(Files.isDirectory(SYSFS.resolve("bus/pci/devices")), "this machine has no pci bus");
        Files.createSymbolicLink(tree.resolve("bus"), SYSFS.resolve("bus"));
        try {
            Thread.ofPlatform().daemon().start(new UeventListener(tree, scanTrigger, log));
        } catch (UeventListener.UeventsUnavailableException e) {
            assertThat(e).hasMessageContaining("user namespace");
        }
    }

    @Test
    void recognizesOnlyPciEvents() {
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
        return UeventListener.isPciEvent(ByteBuffer.wrap(message.getBytes(StandardCharsets.UTF_8)));
    }
}
