package io.pciplacement.testing;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Extension that empties the shared cluster after each test class, so that a test that failed in its cleanup does not
 * fail the tests of later classes. Registered for all tests in META-INF/services.
 */
public final class SharedClusterExtension implements AfterAllCallback {

    @Override
    public void afterAll(ExtensionContext context) {
        Class<?> testClass = context.getRequiredTestClass();
        if (testClass.getEnclosingClass() == null) {
            SharedCluster.removeLeftovers(testClass.getName());
        }
    }
}
