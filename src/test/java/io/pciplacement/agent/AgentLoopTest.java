package io.pciplacement.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonFactory;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole way from a tree to the API server, as the program goes it. */
class AgentLoopTest {

    @TempDir
    Path temp;

    private final Wakeups wakeups = new Wakeups();
    private SysfsTree tree;
    private TestApi api;
    private AgentLoop loop;
    private Thread thread;

    @BeforeEach
    void start() throws Exception {
        tree = new SysfsTree(temp.resolve("sys")).device("0000:01:00.0", "10de", "20b5", "030200");
        Path token = Files.writeString(temp.resolve("token"), "t");
        api = new TestApi();
        api.create();
        JsonFactory json = new JsonFactory();
        Clock clock = Clock.systemUTC();
        Log log = new Log(new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8), clock);
        SysfsScanner scanner = new SysfsScanner(tree.root(), new SerialNumbers(Duration.ofSeconds(1), wakeups::wake));
        InventoryPublisher publisher = new InventoryPublisher(
                new ApiServer(api.address(), token, token, json),
                "node-1",
                new InventoryPublisher.Writer("1.0", "boot-1"),
                Duration.ofMillis(200),
                new Random(1),
                json,
                log);
        // Only a wakeup makes it scan again within this test.
        loop = new AgentLoop(scanner::scan, publisher, wakeups, () -> Duration.ofHours(1), clock, log);
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

    @Test
    void fillsAnObjectThatWasMadeAnew() {
        await().until(() -> api.status().path("devices").size() == 1);
        api.delete();
        api.create();
        await().until(() -> api.status().path("devices").size() == 1);
    }
}
