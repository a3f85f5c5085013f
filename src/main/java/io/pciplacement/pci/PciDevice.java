package io.pciplacement.pci;

import org.jspecify.annotations.Nullable;

/**
 * One PCI function of a host, as reported by Linux.
 *
 * @param address the address of the function
 * @param type device without SR-IOV, PF or VF
 * @param vendorId 0 to 0xffff; for a VF the id that Linux reports, never that of its config space (ffff)
 * @param productId 0 to 0xffff; for a VF as for {@code vendorId}
 * @param classCode six hexadecimal digits, such as {@code 020000}; empty if unknown
 * @param numaNode the NUMA node, or -1 if the host does not report one
 * @param driver the bound driver, or null
 * @param iommuGroup the IOMMU group, or -1
 * @param serialNumber the serial number of the card from its VPD, for a VF that of its PF; null if there is none
 * @param parent the address of the PF for a VF, otherwise null
 * @param vfIndex the index of a VF within its PF, from 0; otherwise -1
 * @param sriov the SR-IOV capability of a PF, otherwise null
 * @param pcieRoot the PCIe root complex, such as {@code pci0000:80}; for a VF that of its PF; null if unknown
 * @param pcieSwitch the upstream port of the PCIe switch above the device; for a VF that of its PF; null if there is
 *     none or it is unknown
 */
public record PciDevice(
        PciAddress address,
        DeviceType type,
        int vendorId,
        int productId,
        String classCode,
        int numaNode,
        @Nullable String driver,
        int iommuGroup,
        @Nullable String serialNumber,
        @Nullable PciAddress parent,
        int vfIndex,
        @Nullable Sriov sriov,
        @Nullable String pcieRoot,
        @Nullable PciAddress pcieSwitch)
        implements Comparable<PciDevice> {

    /**
     * SR-IOV capability of a PF.
     *
     * @param totalVfs the maximum number of VFs
     * @param numVfs the number of enabled VFs
     * @param vfProductId the product id of its VFs, or -1 if unknown
     */
    public record Sriov(int totalVfs, int numVfs, int vfProductId) {}

    public PciDevice {
        if ((type == DeviceType.VF) != (parent != null)) {
            throw new IllegalArgumentException(address + ": a VF must have a parent, and no other device may have one");
        }
    }

    /** A device whose position in the PCIe topology is unknown. */
    public PciDevice(
            PciAddress address,
            DeviceType type,
            int vendorId,
            int productId,
            String classCode,
            int numaNode,
            @Nullable String driver,
            int iommuGroup,
            @Nullable String serialNumber,
            @Nullable PciAddress parent,
            int vfIndex,
            @Nullable Sriov sriov) {
        this(
                address,
                type,
                vendorId,
                productId,
                classCode,
                numaNode,
                driver,
                iommuGroup,
                serialNumber,
                parent,
                vfIndex,
                sriov,
                null,
                null);
    }

    /** The address that the resource provider of this device is named after: for a VF that of its PF. */
    public PciAddress providerAddress() {
        return parent != null ? parent : address;
    }

    /**
     * The physical card, as the address of its function 0: functions with the same domain, bus and slot are on one
     * card, and a VF is on the card of its PF.
     */
    public PciAddress card() {
        PciAddress function = providerAddress();
        return new PciAddress(function.bits() & ~PciAddress.MAX_FUNCTION);
    }

    /** Formats a vendor or product id as four hexadecimal digits in lower case. */
    public static String formatId(int id) {
        return "%04x".formatted(id);
    }

    @Override
    public int compareTo(PciDevice other) {
        return address.compareTo(other.address);
    }
}
