package io.pciplacement.planning.allocation;

import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** What can be had of one host. */
public sealed interface HostStock {

    String node();

    /** Its devices are in Placement. */
    record Reported(String node, HostDevices devices, SortedMap<PciAddress, ProviderStock> providers)
            implements HostStock {

        public Reported {
            providers = Collections.unmodifiableSortedMap(new TreeMap<>(providers));
        }
    }

    /** Its devices are not in Placement, so nobody can have them. */
    record Unreported(String node, Problem.HostNotReported problem) implements HostStock {}
}
