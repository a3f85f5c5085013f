package io.pciplacement.planning;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.pciplacement.bench.PlanningLoad;
import io.pciplacement.bench.PlanningLoad.Kind;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** What a plan costs, in what can be counted: bytes. Times are hack/bench's business. */
class PlanningCostTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** The fewest of a few runs: the first ones load classes. */
    private static long bytes(PlanningLoad load) {
        long fewest = Long.MAX_VALUE;
        for (int run = 0; run < 5; run++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            assertThat(load.plan()).isNotEmpty();
            fewest = Math.min(fewest, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        return fewest;
    }

    private static long bytes(int devices, int specs) {
        return bytes(PlanningLoad.fresh(Kind.MIXED, devices, specs).inSync());
    }

    @Test
    void aPlanOfTheLargestHostAllocatesLittle() {
        // (the tests' JVMs leave no allocation out: see argLine in pom.xml)
        assertThat(bytes(4096, 200)).isLessThan(4096 * 3000);
    }

    @Test
    void twiceTheDevicesOrSpecsAllocateNoMoreThanTwice() {
        long all = bytes(4096, 200);
        assertThat(all).isLessThan(bytes(2048, 200) * 22 / 10);
        assertThat(all).isLessThan(bytes(4096, 100) * 22 / 10);
    }
}
