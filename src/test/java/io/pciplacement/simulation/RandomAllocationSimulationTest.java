package io.pciplacement.simulation;

import io.pciplacement.testing.FakePlacement;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Histories of allocations by chance, on a Placement in memory; {@code RandomHostSimulationIT} plays them on a real
 * one. {@code -Dhistory.seed} plays one again, {@code -Dhistory.steps} makes each longer.
 */
class RandomAllocationSimulationTest {

    static LongStream seeds() {
        Long one = Long.getLong("history.seed");
        return one != null ? LongStream.of(one) : LongStream.range(0, 8).map(i -> System.nanoTime() * 31 + i);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void theInvariantsHold(long seed) {
        int steps = Integer.getInteger("history.steps", 150);
        ExecutorService pool = Executors.newFixedThreadPool(1);
        int done = 0;
        try {
            AllocationSimulation history =
                    new AllocationSimulation(new FakePlacement(), "host", 2, new Random(seed), pool);
            Random rests = new Random(seed);
            for (; done < steps; done++) {
                history.step();
                if (rests.nextInt(4) == 0) {
                    history.rest();
                }
                history.checkNow();
            }
            history.end();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("step %d, -Dhistory.seed=%d: %s".formatted(done, seed, e.getMessage()), e);
        } finally {
            pool.shutdownNow();
        }
    }
}
