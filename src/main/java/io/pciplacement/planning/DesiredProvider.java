package io.pciplacement.planning;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.ProviderContents;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.finding.Finding;
import java.util.List;
import java.util.SortedSet;

/** Desired state of the devices of one provider according to the specs. */
public sealed interface DesiredProvider {

    /** Address in the provider's name: that of the device, or of the VFs' PF. */
    PciAddress address();

    /** Devices of the provider, ordered by address. */
    List<PciDevice> devices();

    /** The specs agree. */
    record Resolved(
            PciAddress address,
            List<PciDevice> devices,
            String spec,
            DeviceType deviceType,
            ResourceClass resourceClass,
            SortedSet<Trait> traits)
            implements DesiredProvider {

        public Resolved {
            devices = List.copyOf(devices);
            traits = ProviderContents.copyTraits(traits);
        }

        boolean isOneTimeUse() {
            return traits.contains(Trait.ONE_TIME_USE);
        }
    }

    /**
     * The specs conflict with each other or with the device, so Placement keeps its state. Findings are ordered by
     * severity.
     */
    record Conflicting(PciAddress address, List<PciDevice> devices, List<Finding> findings) implements DesiredProvider {

        public Conflicting {
            devices = List.copyOf(devices);
            findings = findings.stream().sorted(Finding.MOST_SEVERE_FIRST).toList();
        }
    }
}
