package io.pciplacement.cli;

import io.pciplacement.api.v1alpha1.AllocationReader;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.planning.allocation.Holding;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * The objects that a verb works on.
 *
 * @param labels the nodes' labels, by name
 */
record World(
        List<HostPciInventory> hosts,
        Map<String, Map<String, String>> labels,
        List<PciDeviceSpec> specs,
        List<PciAllocation> allocations) {

    /** The label that every kubelet gives its node: the node's name. */
    static final String HOSTNAME = "kubernetes.io/hostname";

    World {
        hosts = hosts.stream()
                .sorted(Comparator.comparing(host -> host.getMetadata().getName()))
                .toList();
        labels = Map.copyOf(labels);
        specs = specs.stream()
                .filter(spec -> spec.getMetadata().getDeletionTimestamp() == null)
                .toList();
        allocations = allocations.stream()
                .sorted(Comparator.comparing(AllocationReader::holding, Holding.OLDEST_FIRST))
                .toList();
    }

    HostPciInventory host(String node) {
        return hosts.stream()
                .filter(host -> host.getMetadata().getName().equals(node))
                .findFirst()
                .orElseThrow(() -> new Failure(
                        Exit.USAGE,
                        "there is no HostPciInventory named '%s'; there %s"
                                .formatted(
                                        node,
                                        switch (hosts.size()) {
                                            case 0 -> "is none at all";
                                            case 1 ->
                                                "is "
                                                        + hosts.getFirst()
                                                                .getMetadata()
                                                                .getName();
                                            default ->
                                                "are %d, the first is %s"
                                                        .formatted(
                                                                hosts.size(),
                                                                hosts.getFirst()
                                                                        .getMetadata()
                                                                        .getName());
                                        })));
    }
}
