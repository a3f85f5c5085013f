package io.pciplacement.simulation;

import io.pciplacement.placement.client.HttpPlacementClient;
import io.pciplacement.placement.client.PlacementConnection;
import io.pciplacement.placement.http.ConnectionSettings;
import io.pciplacement.testing.PlacementApi;
import io.pciplacement.testing.RealPlacement;
import io.pciplacement.testing.TestLength;
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
 * Long random simulations of hosts, specs and allocations against a real Placement. {@code -Dhistory.steps} sets the
 * number of steps, {@code -Dhistory.seed} repeats a run. Each run uses another seed; CI runs more steps than a local
 * build.
 */
class RandomHostSimulationIT {

    private static final int STEPS_A_HOST = 250;
    private static final int STEPS_A_CLOUD = 100;

    @Test
    void keepsInvariants(@TempDir Path dir) {
        int steps = Integer.getInteger("history.steps", TestLength.choose(200, 2000));
        long seed = Long.getLong("history.seed", System.nanoTime());
        ExecutorService pool = Executors.newFixedThreadPool(1);
        AtomicInteger requests = new AtomicInteger();
        try (RealPlacement placement = RealPlacement.start(dir);
                PlacementConnection connection = PlacementConnection.fromEnvironment(
                        placement.env("local"),
                        ConnectionSettings.DEFAULT,
                        (method, route, status, duration) -> requests.incrementAndGet())) {
            System.out.printf("random history: %d steps, -Dhistory.seed=%d%n", steps, seed);
            HttpPlacementClient client = new HttpPlacementClient(connection);
            Random random = new Random(seed);
            // Most requests come from the checks, and the checks of a cloud read far more than those of a host.
            runReporting(seed, () -> runHostSimulation(client, renaming(placement), steps * 9 / 10, random, pool));
            runReporting(seed, () -> runAllocationSimulation(client, steps - steps * 9 / 10, random, pool));
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

    private static void runReporting(long seed, Runnable history) {
        try {
            history.run();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("-Dhistory.seed=%d: %s".formatted(seed, e.getMessage()), e);
        }
    }

    /** Simulates one host after another: a long simulation of one host would accumulate specs. */
    private static void runHostSimulation(
            HttpPlacementClient placement,
            BiConsumer<UUID, String> rename,
            int steps,
            Random random,
            ExecutorService pool) {
        for (int done = 0, number = 0; done < steps; number++) {
            HostSimulation history = new HostSimulation(placement, rename, "history-" + number, random, pool);
            for (int i = 0; i < STEPS_A_HOST && done < steps; i++, done++) {
                history.runStep();
                if (i % 50 == 0) {
                    history.checkConsumers();
                }
            }
            history.checkEnd();
        }
    }

    /** Simulates allocations, claims and moves in one cloud after another, so that the end state of each is checked. */
    private static void runAllocationSimulation(
            HttpPlacementClient placement, int steps, Random random, ExecutorService pool) {
        for (int done = 0, number = 0; done < steps; number++) {
            AllocationSimulation history =
                    new AllocationSimulation(placement, "allocations-" + number, 2, random, pool);
            for (int i = 0; i < STEPS_A_CLOUD && done < steps; i++, done++) {
                history.runStep();
                if (i % 20 == 19) {
                    history.runUntilIdle();
                } else if (i % 10 == 9) {
                    history.checkNow();
                }
            }
            history.checkEnd();
        }
    }
}
