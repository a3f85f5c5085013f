package io.pciplacement.pci;

import org.jspecify.annotations.Nullable;

/**
 * Selector of devices by a conjunction of criteria; a null criterion (-1 for an id) matches every device.
 *
 * @param vendorId 0 to 0xffff, or -1
 * @param productId 0 to 0xffff, or -1
 * @param address address pattern; the full address of a PF also selects the VFs of that PF
 * @param parentAddress address of the PF whose VFs are selected
 * @param type device without SR-IOV, PF or VF
 * @param serialNumber serial number of the card
 */
public record Selector(
        int vendorId,
        int productId,
        @Nullable AddressPattern address,
        @Nullable PciAddress parentAddress,
        @Nullable DeviceType type,
        @Nullable String serialNumber) {

    public static final int ANY = -1;

    public boolean matches(PciDevice device) {
        return matchesIdsAndType(device) && matchesLocation(device);
    }

    /** Whether the ids and the type of the device match. */
    public boolean matchesIdsAndType(PciDevice device) {
        return (vendorId == ANY || vendorId == device.vendorId())
                && (productId == ANY || productId == device.productId())
                && (type == null || type == device.type());
    }

    /** Whether the address, the parent and the serial number of the device match. */
    public boolean matchesLocation(PciDevice device) {
        return (address == null || matchesAddress(address, device))
                && (parentAddress == null || parentAddress.equals(device.parent()))
                && (serialNumber == null || serialNumber.equals(device.serialNumber()));
    }

    /** Whether some device of the group's bus can match by location; ids and type are not considered. */
    public boolean canMatchOnBusOf(DeviceGroup group) {
        PciDevice first = group.firstDevice();
        return (address == null || address.canMatchOnBusOf(first.address()) || matchesParentOf(address, first))
                && (parentAddress == null || parentAddress.equals(first.parent()))
                && (serialNumber == null || serialNumber.equals(first.serialNumber()));
    }

    /** Whether some devices of the group can match by location and others not. */
    public boolean distinguishes(DeviceGroup group) {
        return address != null && group.devices().size() > 1 && !matchesParentOf(address, group.firstDevice());
    }

    private static boolean matchesAddress(AddressPattern pattern, PciDevice device) {
        return pattern.matches(device.address()) || matchesParentOf(pattern, device);
    }

    private static boolean matchesParentOf(AddressPattern pattern, PciDevice device) {
        PciAddress parent = device.parent();
        return parent != null && pattern.singleAddress().filter(parent::equals).isPresent();
    }
}
