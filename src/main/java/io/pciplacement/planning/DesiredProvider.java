package io.pciplacement.planning;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.finding.Finding;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** What the specs want of the devices that are counted on one provider. */
public sealed interface DesiredProvider {

    /** The address that the provider is named after: the device's own, or the VFs' PF's. */
    PciAddress address();

    /** The devices it is about, by address. */
    List<PciDevice> devices();

    /** The specs say one thing: this. */
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
            traits = Collections.unmodifiableSortedSet(new TreeSet<>(traits));
        }

        boolean oneTimeUse() {
            return traits.contains(Trait.ONE_TIME_USE);
        }
    }

    /** The specs contradict each other, or the device: what Placement has stays. The gravest finding is the first. */
    record Conflicting(PciAddress address, List<PciDevice> devices, List<Finding> findings) implements DesiredProvider {

        public Conflicting {
            devices = List.copyOf(devices);
            findings = findings.stream().sorted(Finding.GRAVEST_FIRST).toList();
        }
    }
}
