package io.pciplacement.pci;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Consecutive devices of one host that differ, in the attributes that selectors evaluate, only in slot and function,
 * such as the VFs of a card. A selector that can select one of them can select the others.
 *
 * @param devices at least one, in the order of their addresses
 */
public record DeviceGroup(List<PciDevice> devices) {

    /** Partitions devices, given in the order of their addresses, into groups of maximum length. */
    static List<DeviceGroup> partition(List<PciDevice> devices) {
        List<DeviceGroup> groups = new ArrayList<>();
        int start = 0;
        for (int i = 1; i <= devices.size(); i++) {
            if (i == devices.size() || !areEquivalent(devices.get(start), devices.get(i))) {
                groups.add(new DeviceGroup(devices.subList(start, i)));
                start = i;
            }
        }
        return List.copyOf(groups);
    }

    private static boolean areEquivalent(PciDevice one, PciDevice other) {
        return one.address().isOnSameBusAs(other.address())
                && one.vendorId() == other.vendorId()
                && one.productId() == other.productId()
                && one.type() == other.type()
                && Objects.equals(one.parent(), other.parent())
                && Objects.equals(one.serialNumber(), other.serialNumber());
    }

    public PciDevice firstDevice() {
        return devices.getFirst();
    }
}
