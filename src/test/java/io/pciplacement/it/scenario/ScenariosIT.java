package io.pciplacement.it.scenario;

import io.pciplacement.scenario.Scenario;
import io.pciplacement.scenario.ScenarioFolder;
import io.pciplacement.scenario.ScenarioRunner;
import io.pciplacement.testing.LocalCluster;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Runs every other directory of {@code src/test/resources/scenarios} on a real API server and a real Placement;
 * {@link ScenariosSecondHalfIT} runs the others in parallel. The system property {@code scenarios} restricts the names
 * by a regular expression; then all matching ones run here.
 */
class ScenariosIT {

    @TestFactory
    Stream<DynamicTest> scenarios() {
        String only = System.getProperty("scenarios");
        return only == null
                ? halfOfScenarios(0)
                : runScenarios(ScenarioFolder.all().stream()
                        .filter(scenario ->
                                Pattern.compile(only).matcher(scenario.name()).find()));
    }

    /** Scenarios with an even or an odd number, because long and short ones are adjacent. */
    static Stream<DynamicTest> halfOfScenarios(int remainder) {
        var all = ScenarioFolder.all();
        return runScenarios(IntStream.range(0, all.size())
                .filter(number -> number % 2 == remainder)
                .mapToObj(all::get));
    }

    private static Stream<DynamicTest> runScenarios(Stream<Scenario> scenarios) {
        return scenarios.map(scenario ->
                DynamicTest.dynamicTest(scenario.name(), () -> ScenarioRunner.run(scenario, LocalCluster.shared())));
    }
}
