package io.pciplacement.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.agent.log.LogfmtLogger;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Fixture with a fake libvirt that has two domains with a device each and one without, and a monitor of it. */
abstract class LibvirtMonitorFixture {

    static final Domain FIRST = new Domain("instance-1", new UUID(0, 1), 1);
    static final Domain SECOND = new Domain("instance-2", new UUID(0, 2), -1);
    static final Domain PLAIN = new Domain("instance-3", new UUID(0, 3), 2);

    final LogfmtLogger log = new LogfmtLogger(
            new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8), Clock.systemUTC());
    final BlockingQueue<AttachmentScan> results = new LinkedBlockingQueue<>();

    Path socket;
    FakeLibvirt libvirt;
    LibvirtMonitor monitor;

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

    static String gpu(int slot) {
        return """
                <hostdev mode='subsystem' type='pci'>
                  <source><address domain='0x0000' bus='0x81' slot='0x%02x' function='0x0'/></source>
                </hostdev>""".formatted(slot);
    }

    static List<String> devices(AttachmentScan scan) {
        assertThat(scan).isInstanceOf(AttachmentScan.Complete.class);
        return ((AttachmentScan.Complete) scan)
                .servers().stream()
                        .flatMap(server -> server.devices().keySet().stream()
                                .map(address -> server.uuid().getLeastSignificantBits() + " " + address))
                        .toList();
    }

    static String incomplete(AttachmentScan scan) {
        assertThat(scan).isInstanceOf(AttachmentScan.Complete.class);
        return ((AttachmentScan.Complete) scan).incomplete();
    }

    static String reason(AttachmentScan scan) {
        assertThat(scan).isInstanceOf(AttachmentScan.Failed.class);
        return ((AttachmentScan.Failed) scan).reason();
    }

    int count(Procedure procedure) {
        return Collections.frequency(List.copyOf(libvirt.calls), procedure);
    }
}
