package io.pciplacement.agent.publish;

import com.fasterxml.jackson.core.JsonFactory;
import io.pciplacement.agent.log.LogfmtLogger;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Fixture with the object of the host {@code node-1} in a fake API server. */
abstract class InventoryPublisherFixture {

    static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    @TempDir
    Path temp;

    final ByteArrayOutputStream logOutput = new ByteArrayOutputStream();
    FakeKubernetesApi api;

    @BeforeEach
    void startApi() throws Exception {
        Files.writeString(temp.resolve("token"), "first");
        api = new FakeKubernetesApi();
        api.createInventory();
    }

    @AfterEach
    void stopApi() {
        api.close();
    }

    InventoryPublisher publisher(String version, boolean readsLibvirt) {
        JsonFactory json = new JsonFactory();
        return new InventoryPublisher(
                new KubernetesApiClient(api.address(), temp.resolve("token"), temp.resolve("ca"), json),
                "node-1",
                new InventoryPublisher.AgentIdentity(version, "boot-1"),
                readsLibvirt,
                Duration.ofSeconds(30),
                new Random(1),
                json,
                new LogfmtLogger(
                        new PrintStream(logOutput, true, StandardCharsets.UTF_8), Clock.fixed(NOW, ZoneOffset.UTC)));
    }
}
