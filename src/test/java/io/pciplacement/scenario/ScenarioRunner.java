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

    private final ScenarioDriver driver;
    private Map<String, ProviderState> placement = Map.of();

    private ScenarioRunner(ScenarioDriver driver) {
        this.driver = driver;
    }

    /** Runs the scenario; fails with the step and all differences. */
    public static void run(Scenario scenario, LocalCluster cluster) {
        try (ScenarioDriver driver = new ScenarioDriver(cluster, scenario.host())) {
            ScenarioRunner runner = new ScenarioRunner(driver);
            int number = 1;
            for (Step step : scenario.steps()) {
                try {
                    runner.step(step);
                } catch (AssertionError | RuntimeException e) {
                    throw new AssertionError(
                            "%s, step %d (%s): %s"
                                    .formatted(scenario.name(), number, step.description(), e.getMessage()),
                            e);
                }
                number++;
            }
        }
    }

    private void step(Step step) {
        driver.executeStep(step);
        await(step.then());
        if (!step.rejected().isEmpty() || step.rejectedHost().isPresent()) {
            driver.tryRejected(step);
            await(step.then());
        }
        driver.placement().requireAllocations();
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
        Observation kubernetes = Observation.ofKubernetes(driver, then);
        List<String> differences =
                ExpectationCheck.kubernetes(kubernetes, then, placement, driver::replacePlaceholders);
        if (!differences.isEmpty()) {
            return differences;
        }
        try {
            Observation all = kubernetes.withPlacement(driver, then);
            differences = ExpectationCheck.placement(all, then, placement);
            if (differences.isEmpty()) {
                placement = all.placement();
            }
            return differences;
        } catch (AssertionError e) {
            return List.of("a provider was deleted while Placement was read: " + e.getMessage());
        }
    }
}
