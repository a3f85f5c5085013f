package io.pciplacement.operator.host;

import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.operator.status.ConditionsBuilder;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.sync.index.AllocationIndex;
import io.pciplacement.text.CountFormat;
import java.util.Map;

/**
 * Condition AllocationsHealed of a host.
 *
 * @param count number of PciAllocations with devices of the host
 * @param problems problems of the PciAllocations by name
 * @param unaccounted allocations in Placement without a PciAllocation
 */
record AllocationsHealedCondition(
        int count, Map<String, AllocationProblem> problems, UnaccountedAllocationTracker.Snapshot unaccounted) {

    AllocationsHealedCondition {
        problems = Map.copyOf(problems);
    }

    static AllocationsHealedCondition forHost(
            String node, AllocationIndex index, UnaccountedAllocationTracker.Snapshot unaccounted) {
        return new AllocationsHealedCondition(index.namesOnHost(node).size(), index.problemsOnHost(node), unaccounted);
    }

    void addTo(ConditionsBuilder conditions) {
        String type = ConditionType.ALLOCATIONS_HEALED;
        problems.entrySet().stream()
                .min(Map.Entry.comparingByKey())
                .ifPresentOrElse(
                        first -> conditions.setFalse(
                                type,
                                first.getValue().reason(),
                                "PciAllocation %s: %s%s"
                                        .formatted(
                                                first.getKey(),
                                                first.getValue().message(),
                                                problems.size() > 1
                                                        ? " %s a problem."
                                                                .formatted(CountFormat.format(
                                                                        problems.size() - 1L,
                                                                        "more PciAllocation has",
                                                                        "more PciAllocations have"))
                                                        : "")),
                        () -> conditions.setTrue(
                                type,
                                count == 0 ? ConditionReason.NO_ALLOCATIONS : ConditionReason.HEALED,
                                count == 0
                                        ? "No PciAllocation has a device of this host."
                                        : "The allocations in Placement match the %s of this host."
                                                .formatted(CountFormat.format(count, "PciAllocation"))));
    }
}
