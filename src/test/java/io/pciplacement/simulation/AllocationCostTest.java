package io.pciplacement.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that the cost of a change does not depend on the number of PciAllocations. */
class AllocationCostTest {

    @ParameterizedTest
    @ValueSource(ints = {2, 20})
    void requestsDoNotGrowWithTheCloud(int hosts) {
        ExecutorService pool = Executors.newFixedThreadPool(1);
        try {
            Map<String, Integer> requests = new AllocationCost(hosts, 12, pool)
                    .measureCosts().entrySet().stream()
                            .collect(Collectors.toMap(
                                    Map.Entry::getKey, entry -> entry.getValue().requests()));
            assertThat(requests)
                    .isEqualTo(Map.of(
                            "no change", 0,
                            "a PciAllocation with another device", 2,
                            "a claim of one VF", 2,
                            "a deleted PciAllocation", 2,
                            "a free device is removed", 1));
        } finally {
            pool.shutdownNow();
        }
    }
}
