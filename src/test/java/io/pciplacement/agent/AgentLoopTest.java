package io.pciplacement.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.pciplacement.agent.kernel.ScanTrigger;
import io.pciplacement.agent.libvirt.AttachmentScan;
import io.pciplacement.agent.log.LogfmtLogger;
import io.pciplacement.agent.publish.FakeKubernetesApi;
import io.pciplacement.agent.publish.InventoryPublisher;
import io.pciplacement.agent.publish.KubernetesApiClient;
import io.pciplacement.agent.sysfs.ScanResult;
import io.pciplacement.agent.sysfs.SerialNumberCache;
import io.pciplacement.agent.sysfs.SysfsScanner;
import io.pciplacement.agent.sysfs.SysfsTree;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The agent from the sysfs tree to the API server, as {@link AgentMain} wires it. */
class AgentLoopTest {

    @TempDir
    Path temp;

    private final ScanTrigger scanTrigger = new ScanTrigger();
    private final ByteArrayOutputStream logOutput = new ByteArrayOutputStream();

    /** Replaces the next scan. */
    private final AtomicReference<@Nullable Supplier<ScanResult>> scanReplacement = new AtomicReference<>();

    /** The next result of reading libvirt's domains. */
    private final AtomicReference<@Nullable AttachmentScan> attachments = new AtomicReference<>();

    private final AtomicBoolean publisherFails = new AtomicBoolean();
    private SysfsTree tree;
    private FakeKubernetesApi api;
    private AgentLoop loop;
    private Thread thread;

    @BeforeEach
    void start() throws Exception {
        tree = new SysfsTree(temp.resolve("sys")).device("0000:01:00.0", "10de", "20b5", "030200");
        Path token = Files.writeString(temp.resolve("token"), "t");
        api = new FakeKubernetesApi();
        api.createInventory();
        JsonFactory json = new JsonFactory() {
            @Override
            public JsonGenerator createGenerator(OutputStream out) throws IOException {
                if (publisherFails.get()) {
                    throw new IllegalStateException("a bug of the publisher");
                }
                return super.createGenerator(out);
            }
        };
        Clock clock = Clock.systemUTC();
        LogfmtLogger log = new LogfmtLogger(new PrintStream(logOutput, true, StandardCharsets.UTF_8), clock);
        SysfsScanner scanner =
                new SysfsScanner(tree.root(), new SerialNumberCache(Duration.ofSeconds(1), scanTrigger::requestScan));
        InventoryPublisher publisher = new InventoryPublisher(
                new KubernetesApiClient(api.address(), token, token, json),
                "node-1",
                new InventoryPublisher.AgentIdentity("1.0", "boot-1"),
                true,
                Duration.ofMillis(200),
                new Random(1),
                json,
                log);
        // Only a request makes it scan again within this test.
        loop = new AgentLoop(
                () -> {
                    Supplier<ScanResult> replacement = scanReplacement.getAndSet(null);
                    return replacement == null ? scanner.scan() : replacement.get();
                },
                () -> Optional.ofNullable(attachments.getAndSet(null)),
                publisher,
                scanTrigger,
                () -> Duration.ofHours(1),
                clock,
                log);
        thread = Thread.ofPlatform().start(() -> {
            try {
                loop.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @AfterEach
    void stop() throws Exception {
        thread.interrupt();
        thread.join(Duration.ofSeconds(10));
        assertThat(thread.isAlive()).as("stops when it is interrupted").isFalse();
        api.close();
    }

    @Test
    void publishesChangesWhenScanIsRequested() {
        await().until(() -> api.status().path("devices").size() == 1);
        tree.device("0000:02:00.0", "10de", "20b5", "030200");
        scanTrigger.requestScan();
        await().until(() -> api.status().path("devices").size() == 2);
        tree.remove("0000:01:00.0");
        scanTrigger.requestScan();
        await().until(() -> api.status().path("devices").size() == 1);
        assertThat(loop.isResponsive()).isTrue();
    }

    @Test
    void publishesAttachmentsWithoutAScan() {
        await().until(() -> api.status().path("devices").size() == 1);
        scanReplacement.set(() -> new ScanResult.Failed("no scan was requested"));
        attachments.set(new AttachmentScan.Failed("libvirt does not respond"));
        scanTrigger.wakeUp();
        await().until(() -> api.status().at("/agent/libvirt/error").asText().equals("libvirt does not respond"));
        assertThat(api.status().path("agent").has("error")).isFalse();
        assertThat(scanReplacement.get()).as("the next scan").isNotNull();
    }

    static Stream<Throwable> exceptions() {
        return Stream.of(new IllegalStateException("odd\u001b[2J"), new StackOverflowError("deep"));
    }

    @ParameterizedTest
    @MethodSource("exceptions")
    void publishesAndSurvivesExceptionOfScanner(Throwable thrown) {
        await().until(() -> api.status().path("devices").size() == 1);
        scanReplacement.set(() -> {
            throw sneakyThrow(thrown);
        });
        scanTrigger.requestScan();
        await().until(() -> api.status().path("agent").path("error").asText().contains("internal error"));
        assertThat(api.status().path("agent").path("error").asText()).doesNotContain("\u001b");
        assertThat(api.status().path("devices")).as("the previous list is kept").hasSize(1);
        assertThat(logOutput.toString(StandardCharsets.UTF_8).lines().filter(line -> line.contains("stack=")))
                .singleElement()
                .asString()
                .contains("AgentLoopTest");

        scanTrigger.requestScan();
        await().until(() -> !api.status().path("agent").has("error"));
        assertThat(thread.isAlive()).isTrue();
    }

    @Test
    void survivesExceptionOfPublisher() {
        await().until(() -> api.status().path("devices").size() == 1);
        publisherFails.set(true);
        tree.device("0000:02:00.0", "10de", "20b5", "030200");
        scanTrigger.requestScan();
        await().until(() -> logOutput.toString(StandardCharsets.UTF_8).contains("stack="));

        publisherFails.set(false);
        scanTrigger.requestScan();
        await().until(() -> api.status().path("devices").size() == 2);
        assertThat(loop.isResponsive()).isTrue();
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> RuntimeException sneakyThrow(Throwable thrown) throws T {
        throw (T) thrown;
    }

    @Test
    void fillsRecreatedObject() {
        await().until(() -> api.status().path("devices").size() == 1);
        api.deleteInventory();
        api.createInventory();
        await().until(() -> api.status().path("devices").size() == 1);
    }
}
