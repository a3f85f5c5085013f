package io.pciplacement.planning.allocation;

import io.pciplacement.pci.PciAddress;
import java.util.Comparator;

/** One device of one host, by where it is. */
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
