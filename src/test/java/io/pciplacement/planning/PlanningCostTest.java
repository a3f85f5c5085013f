package io.pciplacement.planning;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.pciplacement.bench.PlanningLoad;
import io.pciplacement.bench.PlanningLoad.Kind;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** Cost of a plan in allocated bytes; hack/bench measures times. */
class PlanningCostTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Minimum of several runs, because the first runs load classes. */
    private static long allocatedBytes(PlanningLoad load) {
        long fewest = Long.MAX_VALUE;
        for (int run = 0; run < 5; run++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            assertThat(load.plan()).isNotEmpty();
            fewest = Math.min(fewest, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        return fewest;
    }

    private static long allocatedBytes(int devices, int specs) {
        return allocatedBytes(
                PlanningLoad.emptyPlacement(Kind.MIXED, devices, specs).inSync());
    }

    @Test
    void planOfLargestHostAllocatesLittleMemory() {
        // The argLine in pom.xml disables optimizations that eliminate allocations.
        assertThat(allocatedBytes(4096, 200)).isLessThan(4096 * 3000);
    }

    @Test
    void memoryGrowsAtMostLinearlyWithDevicesAndSpecs() {
        long all = allocatedBytes(4096, 200);
        assertThat(all).isLessThan(allocatedBytes(2048, 200) * 22 / 10);
        assertThat(all).isLessThan(allocatedBytes(4096, 100) * 22 / 10);
    }
}
