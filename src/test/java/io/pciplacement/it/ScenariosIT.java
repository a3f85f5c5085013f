package io.pciplacement.it;

import io.pciplacement.scenario.Performance;
import io.pciplacement.scenario.ScenarioFolder;
import io.pciplacement.testing.LocalCluster;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every folder of {@code src/test/resources/scenarios}, on a real API server and a real Placement. The system property
 * {@code scenarios} narrows it down to the names that a regular expression finds.
 */
class ScenariosIT {

    @TestFactory
    Stream<DynamicTest> scenarios() {
        Pattern only = Pattern.compile(System.getProperty("scenarios", ""));
        return ScenarioFolder.all().stream()
                .filter(scenario -> only.matcher(scenario.name()).find())
                .map(scenario -> DynamicTest.dynamicTest(
                        scenario.name(), () -> Performance.play(scenario, LocalCluster.shared())));
    }
}
