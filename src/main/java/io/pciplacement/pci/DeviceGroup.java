package io.pciplacement.pci;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Devices of one host that come one after the other and differ in nothing that selectors look at but their slots and
 * functions, such as the VFs of a card: what may select one of them may select the next.
 *
 * @param devices at least one, in the order of their addresses
 */
public record DeviceGroup(List<PciDevice> devices) {

    /** Cuts devices, in the order of their addresses, into runs as long as can be. */
    static List<DeviceGroup> of(List<PciDevice> devices) {
        List<DeviceGroup> runs = new ArrayList<>();
        int from = 0;
        for (int i = 1; i <= devices.size(); i++) {
            if (i == devices.size() || !alike(devices.get(from), devices.get(i))) {
                runs.add(new DeviceGroup(devices.subList(from, i)));
                from = i;
            }
        }
        return List.copyOf(runs);
    }

    private static boolean alike(PciDevice one, PciDevice other) {
        return one.address().isOnBusOf(other.address())
                && one.vendorId() == other.vendorId()
                && one.productId() == other.productId()
                && one.type() == other.type()
                && Objects.equals(one.parent(), other.parent())
                && Objects.equals(one.serialNumber(), other.serialNumber());
    }

    public PciDevice first() {
        return devices.getFirst();
    }
}
