package io.pciplacement.cli.input;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.planning.allocation.DesiredAllocation;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * The objects that a verb works on.
 *
 * @param labels the nodes' labels, by name
 */
public record ClusterSnapshot(
        List<HostPciInventory> hosts,
        Map<String, Map<String, String>> labels,
        List<PciDeviceSpec> specs,
        List<PciAllocation> allocations) {

    /** The label that every kubelet gives its node: the node's name. */
    public static final String HOSTNAME = "kubernetes.io/hostname";

    public ClusterSnapshot {
        hosts = hosts.stream()
                .sorted(Comparator.comparing(host -> host.getMetadata().getName()))
                .toList();
        labels = Map.copyOf(labels);
        specs = specs.stream()
                .filter(spec -> spec.getMetadata().getDeletionTimestamp() == null)
                .toList();
        allocations = allocations.stream()
                .sorted(Comparator.comparing(PciAllocationMapper::toDesiredAllocation, DesiredAllocation.OLDEST_FIRST))
                .toList();
    }

    public HostPciInventory host(String node) {
        return hosts.stream()
                .filter(host -> host.getMetadata().getName().equals(node))
                .findFirst()
                .orElseThrow(() -> new CliException(
                        ExitCode.USAGE,
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
