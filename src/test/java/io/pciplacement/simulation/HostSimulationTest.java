package io.pciplacement.simulation;

import io.pciplacement.testing.FakePlacement;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The histories that are played against a real Placement, against one in memory: 120,000 steps, so that the rare ones
 * come.
 */
class HostSimulationTest {

    private static final int HISTORIES = 60;
    private static final int STEPS = 250;

    @AutoClose
    private static final ExecutorService POOL = Executors.newFixedThreadPool(1);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void theInvariantsHold(long seed) {
        Random random = new Random(seed);
        for (int number = 0; number < HISTORIES; number++) {
            FakePlacement world = new FakePlacement();
            HostSimulation history = new HostSimulation(world, world::rename, "history-" + number, random, POOL);
            try {
                for (int step = 0; step < STEPS; step++) {
                    history.step();
                }
                history.end();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(
                        "%s, after:%n%s".formatted(e.getMessage(), history.events() + "\nTREE " + world.tree()), e);
            }
        }
    }
}
