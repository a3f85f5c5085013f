package io.pciplacement.operator.host;

import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.operator.status.ConditionsBuilder;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.sync.index.AllocationIndex;
import java.util.Map;

/**
 * What a host's status says of the PciAllocations on it.
 *
 * @param count how many name its devices
 * @param problems what is wrong with them, by name
 * @param unexplained what in Placement no PciAllocation explains
 */
record AllocationsHealedCondition(
        int count, Map<String, AllocationProblem> problems, UnaccountedAllocationTracker.Snapshot unexplained) {

    AllocationsHealedCondition {
        problems = Map.copyOf(problems);
    }

    static AllocationsHealedCondition on(
            String node, AllocationIndex book, UnaccountedAllocationTracker.Snapshot unexplained) {
        return new AllocationsHealedCondition(book.namesOnHost(node).size(), book.problemsOnHost(node), unexplained);
    }

    void report(ConditionsBuilder conditions) {
        String type = ConditionType.ALLOCATIONS_HEALED;
        problems.entrySet().stream()
                .min(Map.Entry.comparingByKey())
                .ifPresentOrElse(
                        first -> conditions.isFalse(
                                type,
                                first.getValue().reason(),
                                "PciAllocation %s: %s%s"
                                        .formatted(
                                                first.getKey(),
                                                first.getValue().message(),
                                                problems.size() > 1
                                                        ? " And %d more PciAllocations.".formatted(problems.size() - 1)
                                                        : "")),
                        () -> conditions.isTrue(
                                type,
                                count == 0 ? ConditionReason.NO_ALLOCATIONS : ConditionReason.HEALED,
                                count == 0
                                        ? "No PciAllocation names a device of this host."
                                        : "Placement has what %d PciAllocations say of this host.".formatted(count)));
    }
}
