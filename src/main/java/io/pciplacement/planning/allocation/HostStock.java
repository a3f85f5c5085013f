package io.pciplacement.planning.allocation;

import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/** What can be had of one host. */
public sealed interface HostStock {

    String node();

    /**
     * Its devices are in Placement.
     *
     * @param root the provider that stands for the host
     */
    record Reported(String node, UUID root, HostDevices devices, SortedMap<PciAddress, ProviderStock> providers)
            implements HostStock {

        public Reported {
            providers = Collections.unmodifiableSortedMap(new TreeMap<>(providers));
        }

        public Optional<ProviderStock> provider(UUID uuid) {
            return providers.values().stream()
                    .filter(provider -> provider.uuid().equals(uuid))
                    .findFirst();
        }
    }

    /** Its devices are not in Placement, so nobody can have them. */
    record Unreported(String node, Problem.HostNotReported problem) implements HostStock {}
}
