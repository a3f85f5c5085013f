package io.pciplacement.cli.plan;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.cli.input.ClusterSnapshot;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.ProviderUuid;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Standard resource classes and traits of Placement, for planning without access to it. The few classes are listed;
 * they change only with releases of Placement. Traits are recognized by their prefix.
 */
public final class StandardPlacementNames {

    private static final List<String> STANDARD_CLASSES = List.of(
            "VCPU",
            "MEMORY_MB",
            "DISK_GB",
            "PCI_DEVICE",
            "SRIOV_NET_VF",
            "NUMA_SOCKET",
            "NUMA_CORE",
            "NUMA_THREAD",
            "NUMA_MEMORY_MB",
            "IPV4_ADDRESS",
            "VGPU",
            "VGPU_DISPLAY_HEAD",
            "NET_BW_EGR_KILOBIT_PER_SEC",
            "NET_BW_IGR_KILOBIT_PER_SEC",
            "PCPU",
            "MEM_ENCRYPTION_CONTEXT",
            "FPGA",
            "PGPU",
            "NET_PACKET_RATE_KILOPACKET_PER_SEC",
            "NET_PACKET_RATE_EGR_KILOPACKET_PER_SEC",
            "NET_PACKET_RATE_IGR_KILOPACKET_PER_SEC");

    private static final Pattern STANDARD_TRAIT =
            Pattern.compile("(HW|COMPUTE|STORAGE|MISC|OWNER|ACCELERATOR)_[A-Z0-9_]+");

    private StandardPlacementNames() {}

    /** Placement that contains only the root providers of the hosts, and the standard names that the specs use. */
    public static PlacementSnapshot assumedPlacement(ClusterSnapshot cluster) {
        TreeSet<String> traits = new TreeSet<>(
                Stream.of(Trait.MANAGED_PCI_DEVICE, Trait.OWNER_NOVA, Trait.LIVE_MIGRATABLE, Trait.ONE_TIME_USE)
                        .map(Trait::name)
                        .toList());
        cluster.specs().stream()
                .flatMap(spec -> Objects.requireNonNullElse(spec.getSpec().traits(), List.<String>of()).stream())
                .filter(name -> STANDARD_TRAIT.matcher(name).matches())
                .forEach(traits::add);
        List<PlacementSnapshot.Provider> roots = cluster.hosts().stream()
                .collect(Collectors.toMap(
                        HostPciInventory::rootProviderName,
                        StandardPlacementNames::rootProviderUuid,
                        (one, _) -> one,
                        TreeMap::new))
                .entrySet()
                .stream()
                .map(root -> new PlacementSnapshot.Provider(
                        root.getValue(), root.getKey(), null, root.getValue(), 0, Map.of(), List.of(), Map.of()))
                .toList();
        return new PlacementSnapshot(STANDARD_CLASSES, List.copyOf(traits), roots);
    }

    /** UUID that the operator last recorded, otherwise the one that it would create. */
    private static UUID rootProviderUuid(HostPciInventory host) {
        String recorded = host.getStatus() == null ? null : host.getStatus().rootProviderUuid();
        try {
            return recorded == null ? ProviderUuid.ofRoot(host.rootProviderName()) : UUID.fromString(recorded);
        } catch (IllegalArgumentException e) {
            // Files may contain any value.
            return ProviderUuid.ofRoot(host.rootProviderName());
        }
    }
}
