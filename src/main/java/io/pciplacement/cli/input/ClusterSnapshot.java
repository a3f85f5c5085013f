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
 * Objects of a cluster or of manifests at one point in time.
 *
 * @param nodeLabels labels by node name
 */
public record ClusterSnapshot(
        List<HostPciInventory> hosts,
        Map<String, Map<String, String>> nodeLabels,
        List<PciDeviceSpec> specs,
        List<PciAllocation> allocations) {

    /** Label with the name of the node, which the kubelet sets. */
    public static final String HOSTNAME_LABEL = "kubernetes.io/hostname";

    public ClusterSnapshot {
        hosts = hosts.stream()
                .sorted(Comparator.comparing(host -> host.getMetadata().getName()))
                .toList();
        nodeLabels = Map.copyOf(nodeLabels);
        specs = specs.stream()
                .filter(spec -> spec.getMetadata().getDeletionTimestamp() == null)
                .toList();
        allocations = allocations.stream()
                .sorted(Comparator.comparing(PciAllocationMapper::toDesiredAllocation, DesiredAllocation.OLDEST_FIRST))
                .toList();
    }

    public HostPciInventory requireHost(String node) {
        return hosts.stream()
                .filter(host -> host.getMetadata().getName().equals(node))
                .findFirst()
                .orElseThrow(() -> new CliException(
                        ExitCode.USAGE,
                        "there is no HostPciInventory named '%s'; %s"
                                .formatted(
                                        node,
                                        switch (hosts.size()) {
                                            case 0 -> "there is none at all";
                                            case 1 ->
                                                "the only one is "
                                                        + hosts.getFirst()
                                                                .getMetadata()
                                                                .getName();
                                            default ->
                                                "there are %d, the first is %s"
                                                        .formatted(
                                                                hosts.size(),
                                                                hosts.getFirst()
                                                                        .getMetadata()
                                                                        .getName());
                                        })));
    }
}
