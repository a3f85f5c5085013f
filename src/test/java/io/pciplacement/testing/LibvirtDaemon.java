package io.pciplacement.testing;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** A real daemon of libvirt. Its test driver has domains that run no program; they are lost when it ends. */
public final class LibvirtDaemon implements AutoCloseable {

    /** The domains that all connections share, as long as there is one. */
    public static final String URI = "test:///default";

    private final Path directory;
    private Process process;

    public LibvirtDaemon(Path directory) {
        this.directory = directory;
        try {
            // Other drivers than the one for tests, which is part of the library, are not loaded.
            Files.createDirectories(directory.resolve("drivers"));
            Files.writeString(directory.resolve("libvirtd.conf"), """
                    listen_tls = 0
                    unix_sock_dir = "%s"
                    auth_unix_ro = "none"
                    auth_unix_rw = "none"
                    """.formatted(directory));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start();
    }

    /** Starts the daemon again after {@link #kill}. */
    public void start() {
        try {
            ProcessBuilder builder = new ProcessBuilder(
                            "libvirtd",
                            "-f",
                            directory.resolve("libvirtd.conf").toString(),
                            "-p",
                            directory.resolve("pid").toString())
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("log").toFile());
            builder.environment()
                    .put("LIBVIRT_DRIVER_DIR", directory.resolve("drivers").toString());
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        awaitCondition().until(() -> virsh("version").status() == 0);
    }

    /** Ends the daemon without a chance to close its connections. */
    public void kill() {
        process.destroyForcibly();
        await(process);
    }

    /** Sends a signal to the daemon. */
    public void signal(String signal) {
        assertThat(ProcessResult.of(List.of("kill", "-" + signal, Long.toString(process.pid())), "", Map.of())
                        .status())
                .isZero();
    }

    public Path readOnlySocket() {
        return directory.resolve("libvirt-sock-ro");
    }

    /** The settings of an agent that reads this daemon. */
    public Map<String, String> agentSettings() {
        return Map.of("PCI_AGENT_LIBVIRT_SOCKET", readOnlySocket().toString(), "PCI_AGENT_LIBVIRT_URI", URI);
    }

    /** Defines a domain as Nova does, with devices of the host. */
    public void define(UUID server, String name, String... addresses) {
        StringBuilder devices = new StringBuilder();
        for (String address : addresses) {
            String[] fields = address.split("[:.]");
            devices.append("""
                    <hostdev mode='subsystem' type='pci' managed='yes'>
                      <source><address domain='0x%s' bus='0x%s' slot='0x%s' function='0x%s'/></source>
                    </hostdev>
                    """.formatted((Object[]) fields));
        }
        defineXml(server, """
                    <domain type='test'>
                      <name>instance-%s</name>
                      <uuid>%s</uuid>
                      <metadata>
                        <nova:instance xmlns:nova="http://openstack.org/xmlns/libvirt/nova/1.1">
                          <nova:name>%s</nova:name>
                          <nova:owner><nova:user uuid="u">user</nova:user><nova:project uuid="p">project</nova:project></nova:owner>
                        </nova:instance>
                      </metadata>
                      <memory>8192</memory>
                      <os><type>hvm</type></os>
                      <devices>%s</devices>
                    </domain>
                    """.formatted(server.toString().substring(0, 8), server, name, devices));
    }

    /** Defines the domain of a server. */
    public void defineXml(UUID server, String xml) {
        Path file = directory.resolve(server + ".xml");
        try {
            Files.writeString(file, xml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        run("define", file.toString());
    }

    /** Runs a command of virsh that must succeed: {@code start}, {@code destroy}, {@code undefine}. */
    public void run(String... command) {
        ProcessResult run = virsh(command);
        assertThat(run.status()).as(run.all()).isZero();
    }

    private ProcessResult virsh(String... command) {
        List<String> all = new ArrayList<>(
                List.of("virsh", "-q", "-c", "test+unix:///default?socket=" + directory.resolve("libvirt-sock")));
        all.addAll(List.of(command));
        return ProcessResult.of(all, "", Map.of());
    }

    private static void await(Process ended) {
        try {
            assertThat(ended.waitFor(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        kill();
    }
}
