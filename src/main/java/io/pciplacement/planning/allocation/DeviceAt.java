package io.pciplacement.planning.allocation;

import io.pciplacement.pci.PciAddress;
import java.util.Comparator;

/** One device of one host, by where it is. */
public record DeviceAt(String node, PciAddress address) implements Comparable<DeviceAt> {

    private static final Comparator<DeviceAt> ORDER =
            Comparator.comparing(DeviceAt::node).thenComparing(DeviceAt::address);

    @Override
    public int compareTo(DeviceAt other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return node + "/" + address;
    }
}
