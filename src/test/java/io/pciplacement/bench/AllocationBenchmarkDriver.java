package io.pciplacement.bench;

import io.pciplacement.simulation.AllocationCost;
import io.pciplacement.simulation.AllocationCost.Cost;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/**
 * Driver for hack/bench: cost of one change with many PciAllocations. Arguments: number of hosts, number of
 * PciAllocations per host.
 */
public final class AllocationBenchmarkDriver {

    private AllocationBenchmarkDriver() {}

    public static void main(String[] args) {
        try (ExecutorService pool = Executors.newFixedThreadPool(1)) {
            Map<String, Cost> costs =
                    new AllocationCost(Integer.parseInt(args[0]), Integer.parseInt(args[1]), pool).measureCosts();
            System.out.println(costs.entrySet().stream()
                    .map(entry -> "\"%s\": {\"requests\": %d, \"millis\": %.3f}"
                            .formatted(
                                    entry.getKey(),
                                    entry.getValue().requests(),
                                    entry.getValue().millis()))
                    .collect(Collectors.joining(", ", "{", "}")));
        }
    }
}
