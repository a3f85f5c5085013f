package io.pciplacement.simulation;

import io.pciplacement.placement.client.HttpPlacementClient;
import io.pciplacement.placement.client.PlacementConnection;
import io.pciplacement.placement.http.ConnectionSettings;
import io.pciplacement.testing.PlacementApi;
import io.pciplacement.testing.RealPlacement;
import java.nio.file.Path;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Long histories by chance against a real Placement: of hosts and their specs, and of who holds their devices.
 * {@code -Dhistory.steps} makes it longer, {@code -Dhistory.seed} plays one again. CI plays a longer one than a
 * developer waits for: each run plays another, and CI plays one for each change.
 */
class RandomHostSimulationIT {

    private static final int STEPS_A_HOST = 250;
    private static final int STEPS_A_CLOUD = 100;

    @Test
    void theInvariantsHold(@TempDir Path dir) {
        int steps = Integer.getInteger("history.steps", System.getenv("PCI_TEST_ALL") == null ? 200 : 2000);
        long seed = Long.getLong("history.seed", System.nanoTime());
        ExecutorService pool = Executors.newFixedThreadPool(1);
        AtomicInteger requests = new AtomicInteger();
        try (RealPlacement placement = RealPlacement.start(dir);
                PlacementConnection connection = PlacementConnection.fromEnvironment(
                        placement.env("local"),
                        ConnectionSettings.DEFAULT,
                        (method, route, status, duration) -> requests.incrementAndGet())) {
            System.out.printf("random history: %d steps, -Dhistory.seed=%d%n", steps, seed);
            HttpPlacementClient world = new HttpPlacementClient(connection);
            Random random = new Random(seed);
            // Most requests are the checks' own, and a cloud's checks look at far more than a host's.
            told(seed, () -> play(world, renaming(placement), steps * 9 / 10, random, pool));
            told(seed, () -> playAllocations(world, steps - steps * 9 / 10, random, pool));
            System.out.printf("random history: %d requests%n", requests.get());
        } finally {
            pool.shutdownNow();
        }
    }

    private static BiConsumer<UUID, String> renaming(RealPlacement placement) {
        PlacementApi api = new PlacementApi(placement.url().toString(), "admin");
        return (uuid, name) -> {
            int status = api.send("PUT", "/resource_providers/" + uuid, "{\"name\": \"" + name + "\"}")
                    .status();
            if (status != 200) {
                throw new AssertionError("rename " + uuid + ": " + status);
            }
        };
    }

    private static void told(long seed, Runnable history) {
        try {
            history.run();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("-Dhistory.seed=%d: %s".formatted(seed, e.getMessage()), e);
        }
    }

    /** Host after host, each with a history of its own: a long one of one host would fill up with specs. */
    private static void play(
            HttpPlacementClient world,
            BiConsumer<UUID, String> rename,
            int steps,
            Random random,
            ExecutorService pool) {
        for (int done = 0, number = 0; done < steps; number++) {
            HostSimulation history = new HostSimulation(world, rename, "history-" + number, random, pool);
            for (int i = 0; i < STEPS_A_HOST && done < steps; i++, done++) {
                history.step();
                if (i % 50 == 0) {
                    history.checkConsumers();
                }
            }
            history.end();
        }
    }

    /** Devices that are held, wanted and moved; cloud after cloud, so that the end of each is looked at. */
    private static void playAllocations(HttpPlacementClient world, int steps, Random random, ExecutorService pool) {
        for (int done = 0, number = 0; done < steps; number++) {
            AllocationSimulation history = new AllocationSimulation(world, "allocations-" + number, 2, random, pool);
            for (int i = 0; i < STEPS_A_CLOUD && done < steps; i++, done++) {
                history.step();
                if (i % 20 == 19) {
                    history.rest();
                } else if (i % 10 == 9) {
                    history.checkNow();
                }
            }
            history.end();
        }
    }
}
