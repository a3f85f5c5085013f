package io.pciplacement.operator.sync;

import io.pciplacement.placement.http.ConnectionSettings;
import io.pciplacement.placement.http.HttpPlacementClient;
import io.pciplacement.placement.http.PlacementConnection;
import io.pciplacement.testing.RealPlacement;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A long history by chance against a real Placement. {@code -Dhistory.steps} makes it longer, {@code -Dhistory.seed}
 * plays one again.
 */
class RandomHistoryIT {

    private static final int STEPS_A_HOST = 250;

    @Test
    void theInvariantsHold(@TempDir Path dir) {
        int steps = Integer.getInteger("history.steps", 2000);
        long seed = Long.getLong("history.seed", System.nanoTime());
        ExecutorService pool = Executors.newFixedThreadPool(1);
        AtomicInteger requests = new AtomicInteger();
        try (RealPlacement placement = RealPlacement.start(dir);
                PlacementConnection connection = PlacementConnection.from(
                        placement.env("local"),
                        ConnectionSettings.DEFAULT,
                        (method, route, status, duration) -> requests.incrementAndGet())) {
            System.out.printf("random history: %d steps, -Dhistory.seed=%d%n", steps, seed);
            play(new HttpPlacementClient(connection), steps, seed, pool);
            System.out.printf("random history: %d requests%n", requests.get());
        } finally {
            pool.shutdownNow();
        }
    }

    /** Host after host, each with a history of its own: a long one of one host would fill up with specs. */
    private static void play(HttpPlacementClient world, int steps, long seed, ExecutorService pool) {
        Random random = new Random(seed);
        int done = 0;
        for (int number = 0; done < steps; number++) {
            History history = new History(world, "history-" + number, random, pool);
            try {
                for (int i = 0; i < STEPS_A_HOST && done < steps; i++, done++) {
                    history.step();
                    if (i % 50 == 0) {
                        history.checkConsumers();
                    }
                }
                history.end();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(
                        "step %d of %d, -Dhistory.seed=%d: %s".formatted(done, steps, seed, e.getMessage()), e);
            }
        }
    }
}
