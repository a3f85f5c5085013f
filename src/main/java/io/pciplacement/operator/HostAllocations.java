package io.pciplacement.operator;

import io.pciplacement.api.v1alpha1.Reason;
import io.pciplacement.planning.allocation.Problem;
import java.util.Map;

/**
 * What a host's status says of the PciAllocations on it.
 *
 * @param count how many name its devices
 * @param problems what is wrong with them, by name
 * @param unexplained what in Placement no PciAllocation explains
 */
record HostAllocations(int count, Map<String, Problem> problems, Sightings.Sighted unexplained) {

    HostAllocations {
        problems = Map.copyOf(problems);
    }

    static HostAllocations on(String node, AllocationBook book, Sightings.Sighted unexplained) {
        return new HostAllocations(book.on(node).size(), book.problemsOn(node), unexplained);
    }

    void report(Conditions conditions) {
        String type = "AllocationsHealed";
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
                                count == 0 ? Reason.NoAllocations : Reason.Healed,
                                count == 0
                                        ? "No PciAllocation names a device of this host."
                                        : "Placement has what %d PciAllocations say of this host.".formatted(count)));
    }
}
