package io.pciplacement.operator.host;

import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.AttachmentDifferenceStatus;
import io.pciplacement.operator.status.ConditionsBuilder;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.attachment.DifferenceType;
import io.pciplacement.sync.index.AllocationIndex;
import io.pciplacement.text.CountFormat;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Condition AllocationsHealed of a host.
 *
 * @param count number of PciAllocations with devices of the host
 * @param problems problems of the PciAllocations by name
 * @param unaccounted allocations in Placement without a PciAllocation
 * @param differences reported differences between the devices of servers and their allocations
 */
record AllocationsHealedCondition(
        int count,
        Map<String, AllocationProblem> problems,
        UnaccountedAllocationTracker.Snapshot unaccounted,
        AttachmentDifferenceTracker.Snapshot differences) {

    AllocationsHealedCondition {
        problems = Map.copyOf(problems);
    }

    static AllocationsHealedCondition forHost(
            String node,
            AllocationIndex index,
            UnaccountedAllocationTracker.Snapshot unaccounted,
            AttachmentDifferenceTracker.Snapshot differences) {
        Map<String, AllocationProblem> problems = new TreeMap<>(index.problemsOnHost(node));
        problems.entrySet().removeIf(problem -> isExpected(problem.getValue(), index.findAllocation(problem.getKey())));
        return new AllocationsHealedCondition(index.namesOnHost(node).size(), problems, unaccounted, differences);
    }

    /**
     * Whether a problem is normal for the PciAllocation of a server of libvirt: it is created whether or not the host
     * is reported, and its server may be moved.
     */
    private static boolean isExpected(AllocationProblem problem, Optional<DesiredAllocation> desired) {
        return desired.filter(DesiredAllocation::discovered).isPresent()
                && (problem instanceof AllocationProblem.HostNotReported
                        || problem instanceof AllocationProblem.AttachmentUnconfirmed);
    }

    void addTo(ConditionsBuilder conditions) {
        String type = ConditionType.ALLOCATIONS_HEALED;
        Optional<Map.Entry<String, AllocationProblem>> problem =
                problems.entrySet().stream().min(Map.Entry.comparingByKey());
        Optional<AttachmentDifferenceStatus> difference = differences.oldest().stream()
                .filter(AllocationsHealedCondition::isError)
                .findFirst();
        if (problem.isPresent()) {
            conditions.setFalse(
                    type,
                    problem.get().getValue().reason(),
                    "PciAllocation %s: %s%s"
                            .formatted(
                                    problem.get().getKey(),
                                    problem.get().getValue().message(),
                                    moreText(
                                            problems.size() - 1,
                                            "more PciAllocation has a problem",
                                            "more PciAllocations have a problem")));
        } else if (difference.isPresent()) {
            conditions.setFalse(
                    type,
                    difference.get().type(),
                    "%s%s pci audit lists all."
                            .formatted(
                                    describe(difference.get()),
                                    moreText(
                                            differences.total() - 1,
                                            "more difference between devices of servers and allocations",
                                            "more differences between devices of servers and allocations")));
        } else {
            conditions.setTrue(
                    type,
                    count == 0 ? ConditionReason.NO_ALLOCATIONS : ConditionReason.HEALED,
                    count == 0
                            ? "No PciAllocation has a device of this host."
                            : "The allocations in Placement match the %s of this host."
                                    .formatted(CountFormat.format(count, "PciAllocation")));
        }
    }

    private static boolean isError(AttachmentDifferenceStatus difference) {
        return Arrays.stream(DifferenceType.values())
                .anyMatch(type -> type.value().equals(difference.type()) && type.isError());
    }

    private static String moreText(int more, String singular, String plural) {
        return more > 0 ? " %s.".formatted(CountFormat.format(more, singular, plural)) : "";
    }

    private static String describe(AttachmentDifferenceStatus difference) {
        String server = difference.serverName() == null
                ? "Consumer %s".formatted(difference.consumerUuid())
                : "Server %s (%s)".formatted(difference.serverName(), difference.consumerUuid());
        return (difference.provider() == null
                ? "%s has %s attached, which is attached to another server too, since %s."
                        .formatted(server, difference.address(), difference.firstSeen())
                : difference.type().equals(DifferenceType.ALLOCATED_NOT_ATTACHED.value())
                        ? "%s has %s of %s without an attached device since %s."
                                .formatted(server, units(difference), difference.provider(), difference.firstSeen())
                        : "%s has attached devices of %s without an allocation of %s since %s."
                                .formatted(server, difference.provider(), units(difference), difference.firstSeen()));
    }

    private static String units(AttachmentDifferenceStatus difference) {
        return CountFormat.format(Objects.requireNonNullElse(difference.units(), 0), "unit");
    }
}
