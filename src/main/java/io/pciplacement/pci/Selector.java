package io.pciplacement.pci;

import org.jspecify.annotations.Nullable;

/**
 * Selects the devices that meet every criterion it names; a null criterion (or -1 for an id) is met by any device.
 *
 * @param vendorId 0 to 0xffff, or -1
 * @param productId 0 to 0xffff, or -1
 * @param address a pattern; one full address of a PF selects that PF's VFs too
 * @param parentAddress selects the VFs of the PF at this address
 * @param type plain device, PF or VF
 * @param serialNumber the card's serial number
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
        return matchesKind(device) && matchesPlace(device);
    }

    /** Whether devices of these ids and this type are selected, wherever they are. */
    public boolean matchesKind(PciDevice device) {
        return (vendorId == ANY || vendorId == device.vendorId())
                && (productId == ANY || productId == device.productId())
                && (type == null || type == device.type());
    }

    /** Whether the device is where it must be, and on the card it must be on, whatever its kind. */
    public boolean matchesPlace(PciDevice device) {
        return (address == null || matchesAddress(address, device))
                && (parentAddress == null || parentAddress.equals(device.parent()))
                && (serialNumber == null || serialNumber.equals(device.serialNumber()));
    }

    /** Whether devices like these, wherever on their bus, may be where they must be; their kind is left out of it. */
    public boolean matchesBus(DeviceGroup run) {
        PciDevice first = run.first();
        return (address == null || address.matchesBus(first.address()) || isOfParent(address, first))
                && (parentAddress == null || parentAddress.equals(first.parent()))
                && (serialNumber == null || serialNumber.equals(first.serialNumber()));
    }

    /** Whether some of these devices may be where they must be, and others not. */
    public boolean tellsApart(DeviceGroup run) {
        return address != null && run.devices().size() > 1 && !isOfParent(address, run.first());
    }

    private static boolean matchesAddress(AddressPattern pattern, PciDevice device) {
        return pattern.matches(device.address()) || isOfParent(pattern, device);
    }

    private static boolean isOfParent(AddressPattern pattern, PciDevice device) {
        PciAddress parent = device.parent();
        return parent != null && pattern.single().filter(parent::equals).isPresent();
    }
}
