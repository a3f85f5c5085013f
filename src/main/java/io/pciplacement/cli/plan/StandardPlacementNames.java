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
 * Which names are Placement's own, for planning where no Placement tells. Its classes are few and change with its
 * releases only; its traits are many, and told by how they begin.
 */
public final class StandardPlacementNames {

    private static final List<String> CLASSES = List.of(
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

    private static final Pattern TRAIT = Pattern.compile("(HW|COMPUTE|STORAGE|MISC|OWNER|ACCELERATOR)_[A-Z0-9_]+");

    private StandardPlacementNames() {}

    /**
     * A Placement that has the hosts' root providers and no other, and knows the standard names that specs may mean.
     */
    public static PlacementSnapshot assumedPlacement(ClusterSnapshot world) {
        TreeSet<String> traits = new TreeSet<>(
                Stream.of(Trait.MANAGED_PCI_DEVICE, Trait.OWNER_NOVA, Trait.LIVE_MIGRATABLE, Trait.ONE_TIME_USE)
                        .map(Trait::name)
                        .toList());
        world.specs().stream()
                .flatMap(spec -> Objects.requireNonNullElse(spec.getSpec().traits(), List.<String>of()).stream())
                .filter(name -> TRAIT.matcher(name).matches())
                .forEach(traits::add);
        List<PlacementSnapshot.Provider> roots = world.hosts().stream()
                .collect(Collectors.toMap(
                        HostPciInventory::rootProviderName,
                        StandardPlacementNames::rootUuid,
                        (one, _) -> one,
                        TreeMap::new))
                .entrySet()
                .stream()
                .map(root -> new PlacementSnapshot.Provider(
                        root.getValue(), root.getKey(), null, root.getValue(), 0, Map.of(), List.of(), Map.of()))
                .toList();
        return new PlacementSnapshot(CLASSES, List.copyOf(traits), roots);
    }

    /** As the operator last saw it, else as it would create it. */
    private static UUID rootUuid(HostPciInventory host) {
        String known = host.getStatus() == null ? null : host.getStatus().rootProviderUuid();
        try {
            return known == null ? ProviderUuid.ofRoot(host.rootProviderName()) : UUID.fromString(known);
        } catch (IllegalArgumentException e) {
            // A file may have anything there.
            return ProviderUuid.ofRoot(host.rootProviderName());
        }
    }
}
