package io.pciplacement.planning.allocation;

import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/** What can be had of one host. */
public sealed interface HostCapacity {

    String node();

    /**
     * Its devices are in Placement.
     *
     * @param root the provider that stands for the host
     */
    record Available(String node, UUID root, HostDevices devices, SortedMap<PciAddress, ProviderCapacity> providers)
            implements HostCapacity {

        public Available {
            providers = Collections.unmodifiableSortedMap(new TreeMap<>(providers));
        }

        public Optional<ProviderCapacity> provider(UUID uuid) {
            return providers.values().stream()
                    .filter(provider -> provider.uuid().equals(uuid))
                    .findFirst();
        }
    }

    /** Its devices are not in Placement, so nobody can have them. */
    record NotReported(String node, AllocationProblem.HostNotReported problem) implements HostCapacity {}
}
