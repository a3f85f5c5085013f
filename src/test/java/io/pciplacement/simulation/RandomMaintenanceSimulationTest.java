package io.pciplacement.simulation;

import io.pciplacement.testing.FakePlacement;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random simulations of quarantines and drains. {@code -Dhistory.seed} repeats a run, {@code -Dhistory.steps} sets the
 * number of steps.
 */
class RandomMaintenanceSimulationTest {

    static LongStream seeds() {
        Long one = Long.getLong("history.seed");
        int runs = Integer.getInteger("history.runs", 8);
        return one != null ? LongStream.of(one) : LongStream.range(0, runs).map(i -> System.nanoTime() * 31 + i);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void reservesAndReleasesExactly(long seed) {
        int steps = Integer.getInteger("history.steps", 150);
        ExecutorService pool = Executors.newFixedThreadPool(1);
        int done = 0;
        try {
            MaintenanceSimulation history = new MaintenanceSimulation(new FakePlacement(), new Random(seed), pool);
            Random rests = new Random(seed);
            for (; done < steps; done++) {
                history.runStep();
                if (rests.nextInt(4) == 0) {
                    history.runUntilIdle();
                }
            }
            history.checkEnd();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("step %d, -Dhistory.seed=%d: %s".formatted(done, seed, e.getMessage()), e);
        } finally {
            pool.shutdownNow();
        }
    }
}
