package io.pciplacement.simulation;

import io.pciplacement.testing.FakePlacement;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs the simulations of {@link RandomHostSimulationIT} on an in-memory Placement: 120,000 steps, so that rare event
 * orders occur.
 */
class HostSimulationTest {

    private static final int HISTORIES = 60;
    private static final int STEPS = 250;

    @AutoClose
    private static final ExecutorService POOL = Executors.newFixedThreadPool(1);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void keepsInvariants(long seed) {
        Random random = new Random(seed);
        for (int number = 0; number < HISTORIES; number++) {
            FakePlacement placement = new FakePlacement();
            HostSimulation history =
                    new HostSimulation(placement, placement::rename, "history-" + number, random, POOL);
            try {
                for (int step = 0; step < STEPS; step++) {
                    history.runStep();
                }
                history.checkEnd();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(
                        "%s, after:%n%s".formatted(e.getMessage(), history.eventLog() + "\nTREE " + placement.tree()),
                        e);
            }
        }
    }
}
