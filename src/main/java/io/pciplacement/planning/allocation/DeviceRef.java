package io.pciplacement.planning.allocation;

import io.pciplacement.pci.PciAddress;
import java.util.Comparator;

/** Reference to one device: node and address. */
public record DeviceRef(String node, PciAddress address) implements Comparable<DeviceRef> {

    private static final Comparator<DeviceRef> ORDER =
            Comparator.comparing(DeviceRef::node).thenComparing(DeviceRef::address);

    @Override
    public int compareTo(DeviceRef other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return node + "/" + address;
    }
}
