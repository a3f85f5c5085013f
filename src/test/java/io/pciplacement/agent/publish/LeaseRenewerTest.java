package io.pciplacement.agent.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pciplacement.agent.log.LogfmtLogger;
import io.pciplacement.agent.settings.AgentSettings;
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
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeaseRenewerTest {

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");

    @TempDir
    Path temp;

    private final ByteArrayOutputStream logOutput = new ByteArrayOutputStream();
    private final AtomicBoolean responsive = new AtomicBoolean(true);
    private final AtomicBoolean throwsException = new AtomicBoolean();
    private FakeKubernetesApi api;
    private LeaseRenewer leaseRenewer;

    @BeforeEach
    void start() throws Exception {
        Files.writeString(temp.resolve("token"), "first");
        api = new FakeKubernetesApi();
        JsonFactory json = new JsonFactory();
        AgentSettings settings = new AgentSettings(
                "node-1",
                temp,
                api.address(),
                temp.resolve("token"),
                temp.resolve("ca"),
                "pci",
                Duration.ofSeconds(30),
                Duration.ofMinutes(2),
                false,
                null);
        leaseRenewer = new LeaseRenewer(
                new KubernetesApiClient(api.address(), settings.tokenFile(), settings.caFile(), json),
                settings,
                () -> {
                    if (throwsException.getAndSet(false)) {
                        throw new IllegalStateException("a bug");
                    }
                    return responsive.get();
                },
                Clock.fixed(NOW, ZoneOffset.UTC),
                new Random(1),
                json,
                new LogfmtLogger(
                        new PrintStream(logOutput, true, StandardCharsets.UTF_8), Clock.fixed(NOW, ZoneOffset.UTC)));
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void renewsLeaseAfterAQuarterOfItsDuration() throws Exception {
        Duration pause = leaseRenewer.renewLease();

        FakeKubernetesApi.Request request = api.requests("PATCH").getFirst();
        assertThat(request.path()).isEqualTo("/apis/coordination.k8s.io/v1/namespaces/pci/leases/node-1");
        assertThat(request.query()).startsWith("fieldManager=pci-agent");
        JsonNode spec = new ObjectMapper().readTree(request.body()).path("spec");
        assertThat(spec.path("holderIdentity").asText()).isEqualTo("node-1");
        assertThat(spec.path("leaseDurationSeconds").asInt()).isEqualTo(120);
        assertThat(spec.path("renewTime").asText()).isEqualTo("2026-01-02T03:04:05.678000Z");
        assertThat(pause).isBetween(Duration.ofSeconds(24), Duration.ofSeconds(30));
    }

    @Test
    void retriesWithoutFloodingTheLog() {
        api.failWith(403);
        for (int i = 0; i < 40; i++) {
            assertThat(leaseRenewer.renewLease()).isBetween(Duration.ofMillis(250), Duration.ofSeconds(30));
        }
        api.failWith(null);
        leaseRenewer.renewLease();

        assertThat(logOutput.toString(StandardCharsets.UTF_8).lines())
                .hasSize(2)
                .anySatisfy(line -> assertThat(line).contains("403", "NODE_NAME"))
                .anySatisfy(line -> assertThat(line).contains("again"));
    }

    @Test
    void survivesUnexpectedException() throws Exception {
        throwsException.set(true);
        Thread thread = Thread.ofPlatform().start(leaseRenewer);
        try {
            await().until(() -> !api.requests("PATCH").isEmpty());
        } finally {
            thread.interrupt();
            thread.join();
        }
        assertThat(logOutput.toString(StandardCharsets.UTF_8))
                .contains("cannot renew the Lease", "IllegalStateException");
    }

    @Test
    void suspendsHeartbeatWhileScanLoopHangs() {
        responsive.set(false);
        leaseRenewer.renewLease();

        assertThat(api.requests("PATCH")).isEmpty();
        assertThat(logOutput.toString(StandardCharsets.UTF_8)).contains("scan loop is not responding");
    }
}
