package io.pciplacement.testing;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Nova's API, scheduler, conductor and computes on the Placement of a cluster, in a process that
 * {@code hack/lib/nova/nova_bed.py} describes. Only libvirt and the services other than Placement are fakes.
 */
public final class NovaBed {

    private static final ObjectMapper JSON = new ObjectMapper();
    /** The first time, packages are installed. */
    private static final Duration START_LIMIT = Duration.ofMinutes(10);
    /** More than the process's own limit, after which it responds with an error. */
    private static final Duration COMMAND_LIMIT = Duration.ofMinutes(3);

    private static @Nullable NovaBed shared;

    private final Path errors;
    private final Process process;
    private final BufferedReader responses;
    private final BufferedWriter commands;

    /**
     * A server of Nova.
     *
     * @param fault why its status is ERROR
     * @param migration its newest migration or resize, which has the source's allocation during the move
     * @param claimed addresses of the devices that the tracker of a host's nova-compute claimed for it, by host
     * @param attached addresses of the devices that are attached to its running domain, by host
     */
    public record Server(
            UUID id,
            String status,
            @Nullable String host,
            String projectId,
            String userId,
            @Nullable String fault,
            @Nullable UUID migration,
            Map<String, List<String>> claimed,
            Map<String, List<String>> attached) {}

    /** A device in the tracker of a nova-compute, and the server that it belongs to. */
    public record TrackedDevice(
            String address, String status, @Nullable UUID server) {}

    /** A request of Nova to Placement that is not GET. */
    public record Write(
            String method,
            String path,
            int status,
            @Nullable JsonNode body) {}

    private NovaBed(Path log, Path errors, String url, String token) {
        this.errors = errors;
        String script = "source hack/lib/core/common.sh && use nova/nova && exec_nova_bed \"$@\"";
        try {
            process = new ProcessBuilder(
                            "bash", "-euo", "pipefail", "-c", script, "nova-bed", url, token, log.toString())
                    .redirectError(errors.toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        responses = process.inputReader(StandardCharsets.UTF_8);
        commands = process.outputWriter(StandardCharsets.UTF_8);
        try {
            readResponse("start", START_LIMIT);
        } catch (RuntimeException | AssertionError e) {
            process.destroyForcibly();
            throw e;
        }
    }

    /**
     * Returns the services of the shared cluster, which all test classes of a JVM share, because their start takes ten
     * seconds. The scheduler uses the PCI devices in Placement; hosts of earlier tests are stopped.
     */
    public static synchronized NovaBed shared() {
        // Also for a class whose static field has the cluster from an earlier class: a lease may have been closed
        // since.
        LocalCluster cluster = LocalCluster.shared();
        if (shared == null) {
            shared = new NovaBed(
                    cluster.dir().resolve("nova.log"),
                    cluster.dir().resolve("nova-bed.log"),
                    cluster.placementUrl(),
                    cluster.placementToken());
            Runtime.getRuntime().addShutdownHook(new Thread(shared::close));
        }
        shared.setPciInPlacement(true);
        return shared;
    }

    /** Sets {@code [pci]alias}. */
    public void setAliases(List<String> aliases) {
        run(command("aliases").set("aliases", JSON.valueToTree(aliases)));
    }

    /** Starts nova-compute of a host with the devices of a sysfs tree and {@code [pci]device_spec}. */
    public void startHost(String host, Path sysfs, List<String> deviceSpecs) {
        run(command("start")
                .put("host", host)
                .put("sysfs", sysfs.toString())
                .set("deviceSpecs", JSON.valueToTree(deviceSpecs)));
    }

    /** Restarts nova-compute, or starts it after {@link #stopHost}; it rereads the sysfs tree. */
    public void restartHost(String host, List<String> deviceSpecs) {
        run(command("restart").put("host", host).set("deviceSpecs", JSON.valueToTree(deviceSpecs)));
    }

    /** Starts nova-compute of a host for the first time. */
    public void startHost(String host, Path sysfs, NovaConf conf, @Nullable UUID computeId) {
        run(withConf(command("start"), host, conf)
                .put("sysfs", sysfs.toString())
                .put("nodeUuid", computeId == null ? null : computeId.toString()));
    }

    /** Restarts nova-compute with a configuration, or starts it after {@link #stopHost}. */
    public void restartHost(String host, NovaConf conf) {
        run(withConf(command("restart"), host, conf));
    }

    private static ObjectNode withConf(ObjectNode command, String host, NovaConf conf) {
        return command.put("host", host)
                .put("reportInPlacement", conf.reportInPlacement())
                .set("deviceSpecs", JSON.valueToTree(conf.deviceSpecs()));
    }

    /** Sets {@code [filter_scheduler]pci_in_placement}; it is on at first. */
    public void setPciInPlacement(boolean on) {
        run(command("scheduler").put("pciInPlacement", on));
    }

    /** Deletes the compute service of a stopped host, which deletes its provider tree. */
    public void removeService(String host) {
        run(command("removeService").put("host", host));
    }

    /** Stops nova-compute. Its servers keep running. */
    public void stopHost(String host) {
        run(command("stop").put("host", host));
    }

    /** Runs the periodic update of nova-compute, which rereads its providers from Placement. */
    public void updateHost(String host) {
        run(command("update").put("host", host));
    }

    /** Creates a server on a host, without a device. */
    public Server boot(String host) {
        return server(command("boot").put("host", host).set("extraSpecs", JSON.createObjectNode()));
    }

    /** Creates a server on a host by an alias: {@code gpu:1}. It may become ERROR. */
    public Server boot(String host, String alias) {
        return server(command("boot").put("host", host).set("extraSpecs", extraSpecs(alias)));
    }

    public void delete(Server server) {
        run(command("delete").put("server", server.id().toString()));
    }

    /** Moves a server to another host; {@link #confirm} or {@link #revert} must follow. */
    public Server migrate(Server server) {
        return server(command("migrate").put("server", server.id().toString()));
    }

    /** Resizes a server to an alias; {@link #confirm} or {@link #revert} must follow. */
    public Server resize(Server server, String alias) {
        return server(command("resize").put("server", server.id().toString()).set("extraSpecs", extraSpecs(alias)));
    }

    public Server confirm(Server server) {
        return server(command("confirm").put("server", server.id().toString()));
    }

    public Server revert(Server server) {
        return server(command("revert").put("server", server.id().toString()));
    }

    /** Reads a server again. */
    public Server show(Server server) {
        return server(command("show").put("server", server.id().toString()));
    }

    public List<TrackedDevice> devices(String host) {
        return JSON.convertValue(run(command("devices").put("host", host)), new TypeReference<>() {});
    }

    /** Returns what Nova wrote to Placement since the last call. */
    public List<Write> takeWrites() {
        return JSON.convertValue(run(command("writes")), new TypeReference<>() {});
    }

    /** The XML of the domains of a host, by the UUID of the server, for libvirt's test driver. */
    public Map<UUID, String> domains(String host) {
        return JSON.convertValue(run(command("domains").put("host", host)), new TypeReference<>() {});
    }

    private static ObjectNode command(String name) {
        return JSON.createObjectNode().put("command", name);
    }

    private static JsonNode extraSpecs(String alias) {
        return JSON.createObjectNode().put("pci_passthrough:alias", alias);
    }

    private Server server(JsonNode command) {
        return JSON.convertValue(run(command), Server.class);
    }

    private JsonNode run(JsonNode command) {
        try {
            commands.write(command.toString());
            commands.newLine();
            commands.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("Nova has ended: " + lastErrors(), e);
        }
        return readResponse(command.toString(), COMMAND_LIMIT);
    }

    private JsonNode readResponse(String command, Duration limit) {
        CompletableFuture<String> line = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                line.complete(responses.readLine());
            } catch (IOException e) {
                line.completeExceptionally(e);
            }
        });
        JsonNode response;
        try {
            String text = line.get(limit.toSeconds(), TimeUnit.SECONDS);
            if (text == null) {
                throw new IllegalStateException("%s: Nova has ended: %s".formatted(command, lastErrors()));
            }
            response = JSON.readTree(text);
        } catch (TimeoutException e) {
            process.destroyForcibly();
            throw new IllegalStateException("%s: no response within %s".formatted(command, limit), e);
        } catch (ExecutionException | IOException e) {
            throw new IllegalStateException(command, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        if (response.has("error")) {
            throw new AssertionError(
                    "%s: %s".formatted(command, response.path("error").asText()));
        }
        return response.path("result");
    }

    private String lastErrors() {
        try {
            List<String> lines = Files.readAllLines(errors);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Closes its standard input, which ends it. */
    private void close() {
        try {
            commands.close();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
