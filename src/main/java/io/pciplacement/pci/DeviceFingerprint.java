package io.pciplacement.pci;

import java.util.Arrays;
import java.util.List;

/**
 * Equality key of a host's devices: the attributes that selectors evaluate, except serial numbers. Identical hosts have
 * equal fingerprints, so the result of resolving the specs for one of them applies to all.
 */
public final class DeviceFingerprint {

    /** Two numbers per device: ids and type, then its address and the address of its PF. */
    private final long[] encodedDevices;

    private final int hash;

    DeviceFingerprint(List<PciDevice> list) {
        encodedDevices = new long[list.size() * 2];
        int next = 0;
        for (PciDevice device : list) {
            PciAddress parent = device.parent();
            encodedDevices[next++] = (typeCode(device) << 32) + ((long) device.vendorId() << 16) + device.productId();
            encodedDevices[next++] = ((long) device.address().bits() << 32)
                    + (parent == null ? 0 : Integer.toUnsignedLong(parent.bits()));
        }
        hash = Arrays.hashCode(encodedDevices);
    }

    private static long typeCode(PciDevice device) {
        return switch (device.type()) {
            case PCI -> 0;
            case PF -> 1;
            case VF -> 2;
        };
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DeviceFingerprint that
                && hash == that.hash
                && Arrays.equals(encodedDevices, that.encodedDevices);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
