package io.pciplacement.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.testing.FakePlacement;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class PlanApplierTest {

    private static final long LONG_ENOUGH_TO_RETURN_MILLIS = 300;

    @AutoClose
    private final ExecutorService pool = Executors.newFixedThreadPool(2);

    private final FakePlacement placement = new FakePlacement();
    private final CountDownLatch slowHasBegun = new CountDownLatch(1);
    private final CountDownLatch returned = new CountDownLatch(1);
    private final AtomicBoolean wroteAfterReturn = new AtomicBoolean();

    /** The second provider is created slowly; the first one fails before it is finished. */
    private Object invokePlacement(Method method, Object[] arguments, Throwable defect) throws Throwable {
        if (method.getName().equals("createProvider") && arguments[1].equals("gpu-07_0000:00:01.0")) {
            slowHasBegun.countDown();
            wroteAfterReturn.set(returned.await(LONG_ENOUGH_TO_RETURN_MILLIS, TimeUnit.MILLISECONDS));
        } else if (method.getName().equals("createProvider") && arguments[1].equals("gpu-07_0000:00:00.0")) {
            assertThat(slowHasBegun.await(1, TimeUnit.MINUTES)).isTrue();
            throw defect;
        }
        try {
            return method.invoke(placement, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private void assertNoWriteAfterReturn(Throwable defect) {
        PlacementClient failing = (PlacementClient) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {PlacementClient.class},
                (proxy, method, arguments) -> invokePlacement(method, arguments, defect));
        placement.createProvider(new UUID(0, 7), "gpu-07", Optional.empty());
        PlacementSync sync = new PlacementSync(failing, OwnershipTraits.DEFAULT, pool);
        sync.runSweep();
        try {
            assertThatThrownBy(() -> sync.syncHost(
                            SingleHostFixture.request(SingleHostFixture.plainDevices(2), SingleHostFixture.PLAIN_SPEC)))
                    .hasStackTraceContaining(defect.getMessage());
        } finally {
            returned.countDown();
        }
        assertThat(wroteAfterReturn).isFalse();
        assertThat(placement.uuid("gpu-07_0000:00:01.0")).isPresent();
    }

    @Test
    void waitsForOtherWritesAfterException() {
        assertNoWriteAfterReturn(new IllegalStateException("defect"));
    }

    @Test
    void waitsForOtherWritesAfterError() {
        assertNoWriteAfterReturn(new StackOverflowError("error"));
    }
}
