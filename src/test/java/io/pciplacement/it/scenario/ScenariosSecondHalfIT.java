package io.pciplacement.it.scenario;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The scenarios that {@link ScenariosIT} omits, in a separate JVM on a separate cluster, because all scenarios together
 * are the longest test.
 */
class ScenariosSecondHalfIT {

    @TestFactory
    Stream<DynamicTest> scenarios() {
        return System.getProperty("scenarios") == null ? ScenariosIT.halfOfScenarios(1) : Stream.of();
    }
}
