package io.pciplacement.pci;

import org.jspecify.annotations.Nullable;

/**
 * One PCI function of a host, as Linux shows it.
 *
 * @param address where it is
 * @param type plain device, PF or VF
 * @param vendorId 0 to 0xffff; of a VF the ids that Linux shows, never those of its config space (ffff)
 * @param productId 0 to 0xffff
 * @param classCode six hex digits, as {@code 020000}; empty where unknown
 * @param numaNode the NUMA node, or -1 where the host does not tell
 * @param driver the bound driver, or null
 * @param iommuGroup the IOMMU group, or -1
 * @param serialNumber the card's serial number from its VPD; a VF has its PF's; null where there is none
 * @param parent the PF's address for a VF, else null
 * @param vfIndex the number of a VF within its PF, from 0; -1 for everything else
 * @param sriov what a PF can give; null for everything else
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
        @Nullable Sriov sriov)
        implements Comparable<PciDevice> {

    /**
     * The SR-IOV capability of a PF.
     *
     * @param totalVfs how many VFs it can have
     * @param numVfs how many are switched on
     * @param vfProductId the product id that its VFs have, or -1 where unknown
     */
    public record Sriov(int totalVfs, int numVfs, int vfProductId) {}

    public PciDevice {
        if ((type == DeviceType.VF) != (parent != null)) {
            throw new IllegalArgumentException(address + ": a VF, and only a VF, has a parent");
        }
    }

    /** The address of the resource provider that this device is counted on: a VF is counted on its PF's. */
    public PciAddress providerAddress() {
        return parent != null ? parent : address;
    }

    /** An id as people write it: four hex digits in lower case. */
    public static String hexId(int id) {
        return "%04x".formatted(id);
    }

    @Override
    public int compareTo(PciDevice other) {
        return address.compareTo(other.address);
    }
}
