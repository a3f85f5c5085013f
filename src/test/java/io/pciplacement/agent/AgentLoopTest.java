package io.pciplacement.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.pciplacement.agent.kernel.ScanTrigger;
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

/** The whole way from a tree to the API server, as the program goes it. */
class AgentLoopTest {

    @TempDir
    Path temp;

    private final ScanTrigger wakeups = new ScanTrigger();
    private final ByteArrayOutputStream lines = new ByteArrayOutputStream();

    /** What the next scan does instead of scanning. */
    private final AtomicReference<@Nullable Supplier<ScanResult>> defect = new AtomicReference<>();

    private final AtomicBoolean unwritable = new AtomicBoolean();
    private SysfsTree tree;
    private FakeKubernetesApi api;
    private AgentLoop loop;
    private Thread thread;

    @BeforeEach
    void start() throws Exception {
        tree = new SysfsTree(temp.resolve("sys")).device("0000:01:00.0", "10de", "20b5", "030200");
        Path token = Files.writeString(temp.resolve("token"), "t");
        api = new FakeKubernetesApi();
        api.create();
        JsonFactory json = new JsonFactory() {
            @Override
            public JsonGenerator createGenerator(OutputStream out) throws IOException {
                if (unwritable.get()) {
                    throw new IllegalStateException("a defect of the publisher");
                }
                return super.createGenerator(out);
            }
        };
        Clock clock = Clock.systemUTC();
        LogfmtLogger log = new LogfmtLogger(new PrintStream(lines, true, StandardCharsets.UTF_8), clock);
        SysfsScanner scanner =
                new SysfsScanner(tree.root(), new SerialNumberCache(Duration.ofSeconds(1), wakeups::wake));
        InventoryPublisher publisher = new InventoryPublisher(
                new KubernetesApiClient(api.address(), token, token, json),
                "node-1",
                new InventoryPublisher.AgentIdentity("1.0", "boot-1"),
                Duration.ofMillis(200),
                new Random(1),
                json,
                log);
        // Only a wakeup makes it scan again within this test.
        loop = new AgentLoop(
                () -> {
                    Supplier<ScanResult> instead = defect.getAndSet(null);
                    return instead == null ? scanner.scan() : instead.get();
                },
                publisher,
                wakeups,
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
        assertThat(thread.isAlive()).as("ends when it is told to").isFalse();
        api.close();
    }

    @Test
    void followsTheHostWhenItIsWoken() {
        await().until(() -> api.status().path("devices").size() == 1);
        tree.device("0000:02:00.0", "10de", "20b5", "030200");
        wakeups.wake();
        await().until(() -> api.status().path("devices").size() == 2);
        tree.remove("0000:01:00.0");
        wakeups.wake();
        await().until(() -> api.status().path("devices").size() == 1);
        assertThat(loop.turns()).isTrue();
    }

    static Stream<Throwable> defects() {
        return Stream.of(new IllegalStateException("odd\u001b[2J"), new StackOverflowError("deep"));
    }

    @ParameterizedTest
    @MethodSource("defects")
    void aDefectOfTheScannerIsPublishedAndSurvived(Throwable thrown) {
        await().until(() -> api.status().path("devices").size() == 1);
        defect.set(() -> {
            throw sneaky(thrown);
        });
        wakeups.wake();
        await().until(() -> api.status().path("agent").path("error").asText().contains("defect"));
        assertThat(api.status().path("agent").path("error").asText()).doesNotContain("\u001b");
        assertThat(api.status().path("devices")).as("the list before stays").hasSize(1);
        assertThat(lines.toString(StandardCharsets.UTF_8).lines().filter(line -> line.contains("stack=")))
                .singleElement()
                .asString()
                .contains("AgentLoopTest");

        wakeups.wake();
        await().until(() -> !api.status().path("agent").has("error"));
        assertThat(thread.isAlive()).isTrue();
    }

    @Test
    void aDefectOfThePublisherIsSurvived() {
        await().until(() -> api.status().path("devices").size() == 1);
        unwritable.set(true);
        tree.device("0000:02:00.0", "10de", "20b5", "030200");
        wakeups.wake();
        await().until(() -> lines.toString(StandardCharsets.UTF_8).contains("stack="));

        unwritable.set(false);
        wakeups.wake();
        await().until(() -> api.status().path("devices").size() == 2);
        assertThat(loop.turns()).isTrue();
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> RuntimeException sneaky(Throwable thrown) throws T {
        throw (T) thrown;
    }

    @Test
    void fillsAnObjectThatWasMadeAnew() {
        await().until(() -> api.status().path("devices").size() == 1);
        api.delete();
        api.create();
        await().until(() -> api.status().path("devices").size() == 1);
    }
}
