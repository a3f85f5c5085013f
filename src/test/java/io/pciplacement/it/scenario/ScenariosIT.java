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
 * Every folder of {@code src/test/resources/scenarios}, on a real API server and a real Placement; every other one of
 * them is left to {@link ScenariosSecondHalfIT}, which runs beside this. The system property {@code scenarios} narrows
 * it down to the names that a regular expression finds; then all of them are played here.
 */
class ScenariosIT {

    @TestFactory
    Stream<DynamicTest> scenarios() {
        String only = System.getProperty("scenarios");
        return only == null
                ? half(0)
                : played(ScenarioFolder.all().stream()
                        .filter(scenario ->
                                Pattern.compile(only).matcher(scenario.name()).find()));
    }

    /** Those with an even or an odd number: long ones and short ones come in groups. */
    static Stream<DynamicTest> half(int remainder) {
        var all = ScenarioFolder.all();
        return played(IntStream.range(0, all.size())
                .filter(number -> number % 2 == remainder)
                .mapToObj(all::get));
    }

    private static Stream<DynamicTest> played(Stream<Scenario> scenarios) {
        return scenarios.map(scenario ->
                DynamicTest.dynamicTest(scenario.name(), () -> ScenarioRunner.play(scenario, LocalCluster.shared())));
    }
}
