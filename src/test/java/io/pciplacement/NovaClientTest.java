package io.pciplacement;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code hack/nova} fails if a result is not as it describes: the checks of nova_client.py, with responses from files.
 */
class NovaClientTest {

    private static final String ID = "0b5f0001-0000-4000-8000-000000000001";
    private static final String ROOT = "0b5f0001-0000-4000-8000-00000000000a";
    private static final String CHILD = "0b5f0001-0000-4000-8000-00000000000b";

    private record Result(int status, String output) {}

    @TempDir
    private Path directory;

    private final Map<String, String> placement = new TreeMap<>();
    private HttpServer server;

    @BeforeEach
    void startPlacement() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String found = placement.get(exchange.getRequestURI().getPath());
            byte[] body = (found == null ? "{}" : found).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(found == null ? 404 : 200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        Files.writeString(Files.createDirectories(directory.resolve("servers")).resolve("web-1"), ID);
        Path devices = Files.createDirectories(directory.resolve("sysfs/compute-1/bus/pci/devices"));
        Files.createDirectory(devices.resolve("0000:82:00.0"));
        for (String vf : List.of("0000:82:01.0", "0000:82:01.1")) {
            Files.createSymbolicLink(
                    Files.createDirectory(devices.resolve(vf)).resolve("physfn"), Path.of("../0000:82:00.0"));
        }
        Files.createDirectory(devices.resolve("0000:c1:00.0"));
        allocate("compute-1_0000:C1:00.0", 1);
    }

    @AfterEach
    void stopPlacement() {
        server.stop(0);
    }

    /** The server has VCPUs of the root provider and units of one child provider. */
    private void allocate(String provider, int amount) {
        placement.put("/allocations/" + ID, """
                {"allocations": {"%s": {"resources": {"VCPU": 1}}, "%s": {"resources": {"CUSTOM_X": %d}}}}
                """.formatted(ROOT, CHILD, amount));
        placement.put("/resource_providers/" + ROOT, "{\"name\": \"compute-1\", \"parent_provider_uuid\": null}");
        placement.put(
                "/resource_providers/" + CHILD,
                "{\"name\": \"%s\", \"parent_provider_uuid\": \"%s\"}".formatted(provider, ROOT));
    }

    private static String response(String status, String claimed, String attached) {
        return """
                {"result": {"id": "%s", "status": "%s", "host": "compute-1", "fault": %s, "claimed": %s, "attached": %s}}
                """.formatted(
                ID, status, status.equals("ERROR") ? "\"No valid host was found.\"" : "null", claimed, attached).strip();
    }

    private static String active(String devices) {
        return response("ACTIVE", devices, devices);
    }

    private Result run(String response, String... command) throws IOException, InterruptedException {
        Path responses = Files.writeString(directory.resolve("responses"), response);
        List<String> line = new ArrayList<>(List.of(
                "python3",
                "-I",
                "hack/lib/nova/nova_client.py",
                directory.resolve("commands").toString(),
                responses.toString(),
                directory.toString()));
        line.addAll(List.of(command));
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
        builder.environment()
                .put("PLACEMENT_URL", "http://127.0.0.1:" + server.getAddress().getPort());
        builder.environment().put("PLACEMENT_TOKEN", "admin");
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), output);
    }

    private void assertDifferent(String response) throws IOException, InterruptedException {
        Result result = run(response, "compare");
        assertThat(result.status()).as(result.output()).isEqualTo(1);
        assertThat(result.output()).contains("NO", "error: server web-1: the attached devices are not those");
    }

    @Test
    void allocatedDeviceIsAttached() throws IOException, InterruptedException {
        Result result = run(active("{\"compute-1\": [\"0000:c1:00.0\"]}"), "compare");
        assertThat(result.output())
                .containsPattern("web-1 +ACTIVE +compute-1 +compute-1_0000:C1:00.0 1 CUSTOM_X +0000:c1:00.0 +yes");
        assertThat(result.status()).isZero();
    }

    @Test
    void vfsAreCountedInTheProviderOfTheirPf() throws IOException, InterruptedException {
        allocate("compute-1_0000:82:00.0", 2);
        Result result = run(active("{\"compute-1\": [\"0000:82:01.0\", \"0000:82:01.1\"]}"), "compare");
        assertThat(result.status()).as(result.output()).isZero();
        assertDifferent(active("{\"compute-1\": [\"0000:82:01.0\"]}"));
    }

    @Test
    void differencesAreErrors() throws IOException, InterruptedException {
        String device = "{\"compute-1\": [\"0000:c1:00.0\"]}";
        assertDifferent(active("{\"compute-1\": [\"0000:82:00.0\"]}"));
        assertDifferent(active("{\"compute-2\": [\"0000:c1:00.0\"]}"));
        assertDifferent(active("{}"));
        assertDifferent(response("SHUTOFF", device, device));
        assertDifferent(response("ACTIVE", "{}", device));
    }

    @Test
    void serverMustBecomeActive() throws IOException, InterruptedException {
        assertThat(run(active("{}"), "boot", "web-2", "gpu:1").status()).isZero();
        Result result = run(response("ERROR", "{}", "{}"), "boot", "web-2", "gpu:1");
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.output()).contains("error: server web-2 is ERROR, not ACTIVE: No valid host was found.");
    }

    @Test
    void refusedServerMustNotHaveDevices() throws IOException, InterruptedException {
        Result booted = run(active("{}"), "boot-refused", "web-2", "gpu:1");
        assertThat(booted.status()).isEqualTo(1);
        assertThat(booted.output()).contains("error: server web-2 is ACTIVE (None), but its request must be refused");
        Result allocated = run(response("ERROR", "{}", "{}"), "boot-refused", "web-2", "gpu:1");
        assertThat(allocated.status()).isEqualTo(1);
        assertThat(allocated.output())
                .contains("error: server web-2 was refused, but Placement has allocations for it");
    }

    @Test
    void onlyNovaChangesProviders() throws IOException, InterruptedException {
        Path log = Files.writeString(directory.resolve("placement.log"), """
                "GET /resource_providers" status: 200
                "PUT /resource_providers/a/traits" status: 200
                "POST /allocations" status: 204
                """);
        String writes = "{\"result\": [{\"method\": \"PUT\", \"path\": \"/resource_providers/a/traits\"}]}";
        Result result = run(writes, "compare-writers", log.toString());
        assertThat(result.status()).as(result.output()).isZero();
        assertThat(result.output()).containsPattern("(?m)^Nova +1 request\\noperator +POST /allocations\\n");
        Result second = run("{\"result\": []}", "compare-writers", log.toString());
        assertThat(second.status()).isEqualTo(1);
        assertThat(second.output()).contains("error: only nova-compute may change resource providers");
    }

    @Test
    void errorOfNovaIsShown() throws IOException, InterruptedException {
        assertThat(run("{\"error\": \"Timeout: 150 seconds\"}", "await-start"))
                .isEqualTo(new Result(1, "error: start: Timeout: 150 seconds\n"));
        assertThat(run("", "await-start")).isEqualTo(new Result(1, "error: start: Nova's services have ended\n"));
    }
}
