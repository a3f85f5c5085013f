package io.pciplacement.simulation;

import io.pciplacement.testing.FakePlacement;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random simulations of discovered servers on an in-memory Placement. {@code -Dhistory.seed} repeats a run,
 * {@code -Dhistory.steps} sets the number of steps.
 */
class RandomDiscoverySimulationTest {

    static LongStream seeds() {
        return RandomAllocationSimulationTest.seeds();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void keepsInvariants(long seed) {
        int steps = Integer.getInteger("history.steps", 150);
        ExecutorService pool = Executors.newFixedThreadPool(1);
        int done = 0;
        try {
            DiscoverySimulation simulation = new DiscoverySimulation(new FakePlacement(), new Random(seed), pool);
            Random rests = new Random(seed);
            for (; done < steps; done++) {
                simulation.runStep();
                simulation.check();
                if (rests.nextInt(8) == 0) {
                    simulation.checkSettled();
                }
            }
            simulation.checkSettled();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("step %d, -Dhistory.seed=%d: %s".formatted(done, seed, e.getMessage()), e);
        } finally {
            pool.shutdownNow();
        }
    }
}
