package io.pciplacement.planning.allocation;

import io.pciplacement.pci.HostAttachments;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/** Capacity of one host. */
public sealed interface HostCapacity {

    String node();

    /**
     * The host's devices are in Placement.
     *
     * @param root the provider that represents the host
     * @param managedByNova whether nova-compute assigns the host's devices too, so that it could assign the VF of
     *     another consumer
     * @param attachments the devices that libvirt has attached to servers, with or without an allocation
     * @param withheldDevices the devices that no claim may select, since they are quarantined or the host is drained
     */
    record Available(
            String node,
            UUID root,
            HostDevices devices,
            SortedMap<PciAddress, ProviderCapacity> providers,
            boolean managedByNova,
            HostAttachments attachments,
            Set<PciAddress> withheldDevices)
            implements HostCapacity {

        public Available {
            providers = Collections.unmodifiableSortedMap(new TreeMap<>(providers));
            withheldDevices = Set.copyOf(withheldDevices);
        }

        public Optional<ProviderCapacity> findProvider(UUID uuid) {
            return providers.values().stream()
                    .filter(provider -> provider.uuid().equals(uuid))
                    .findFirst();
        }
    }

    /** The host's devices are not in Placement, so none can be allocated. */
    record NotReported(String node, AllocationProblem.HostNotReported problem) implements HostCapacity {}
}
