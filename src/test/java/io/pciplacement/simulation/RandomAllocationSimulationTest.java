package io.pciplacement.simulation;

import io.pciplacement.testing.FakePlacement;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random simulations of allocations on an in-memory Placement; {@code RandomHostSimulationIT} runs them on a real one.
 * {@code -Dhistory.seed} repeats a run, {@code -Dhistory.steps} sets the number of steps.
 */
class RandomAllocationSimulationTest {

    static LongStream seeds() {
        Long one = Long.getLong("history.seed");
        return one != null ? LongStream.of(one) : LongStream.range(0, 8).map(i -> System.nanoTime() * 31 + i);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void keepsInvariants(long seed) {
        int steps = Integer.getInteger("history.steps", 150);
        ExecutorService pool = Executors.newFixedThreadPool(1);
        int done = 0;
        try {
            AllocationSimulation history =
                    new AllocationSimulation(new FakePlacement(), "host", 2, new Random(seed), pool);
            Random rests = new Random(seed);
            for (; done < steps; done++) {
                history.runStep();
                if (rests.nextInt(4) == 0) {
                    history.runUntilIdle();
                }
                history.checkNow();
            }
            history.checkEnd();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("step %d, -Dhistory.seed=%d: %s".formatted(done, seed, e.getMessage()), e);
        } finally {
            pool.shutdownNow();
        }
    }
}
