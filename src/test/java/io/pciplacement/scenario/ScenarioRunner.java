package io.pciplacement.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.core.ConditionTimeoutException;

/** Runner of a scenario on a cluster, step by step. */
public final class ScenarioRunner {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final ScenarioDriver stage;
    private Map<String, ProviderState> placement = Map.of();

    private ScenarioRunner(ScenarioDriver stage) {
        this.stage = stage;
    }

    /** Runs the scenario; fails with the step and all differences. */
    public static void play(Scenario scenario, LocalCluster cluster) {
        try (ScenarioDriver stage = new ScenarioDriver(cluster, scenario.host())) {
            ScenarioRunner performance = new ScenarioRunner(stage);
            int number = 1;
            for (Step step : scenario.steps()) {
                try {
                    performance.step(step);
                } catch (AssertionError | RuntimeException e) {
                    throw new AssertionError(
                            "%s, step %d (%s): %s".formatted(scenario.name(), number, step.what(), e.getMessage()), e);
                }
                number++;
            }
        }
    }

    private void step(Step step) {
        stage.executeStep(step);
        await(step.then());
        if (!step.refused().isEmpty() || step.refusedHost().isPresent()) {
            stage.tryRejected(step);
            await(step.then());
        }
        stage.placement().requireAllocations();
    }

    private void await(Expectations then) {
        AtomicReference<List<String>> differences = new AtomicReference<>(List.of());
        try {
            Hosts.awaitCondition().atMost(LIMIT).until(() -> {
                differences.set(differences(then));
                return differences.get().isEmpty();
            });
        } catch (ConditionTimeoutException e) {
            assertThat(differences.get()).as("differences").isEmpty();
        }
    }

    /** Placement is read only when the statuses in Kubernetes are complete, because it takes several requests. */
    private List<String> differences(Expectations then) {
        Observation seen = Observation.ofKubernetes(stage, then);
        List<String> differences = ExpectationCheck.kubernetes(seen, then, placement, stage::replacePlaceholders);
        if (!differences.isEmpty()) {
            return differences;
        }
        try {
            Observation all = seen.withPlacement(stage, then);
            differences = ExpectationCheck.placement(all, then, placement);
            if (differences.isEmpty()) {
                placement = all.placement();
            }
            return differences;
        } catch (AssertionError e) {
            return List.of("a provider went while Placement was read: " + e.getMessage());
        }
    }
}
