package io.pciplacement.it.scenario;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The scenarios that {@link ScenariosIT} leaves out, in a JVM and on a cluster of their own: all of them take longest.
 */
class ScenariosSecondHalfIT {

    @TestFactory
    Stream<DynamicTest> scenarios() {
        return System.getProperty("scenarios") == null ? ScenariosIT.half(1) : Stream.of();
    }
}
