package io.pciplacement.pci;

import java.util.Arrays;
import java.util.List;

/**
 * What selectors look at in the devices of a host, but for serial numbers. Hosts of one make have equal ones, so what
 * specs make of one of them they make of all.
 */
public final class DeviceFingerprint {

    /** For each device ids and type, then its address and that of its PF. */
    private final long[] devices;

    private final int hash;

    DeviceFingerprint(List<PciDevice> list) {
        devices = new long[list.size() * 2];
        int next = 0;
        for (PciDevice device : list) {
            PciAddress parent = device.parent();
            devices[next++] = (type(device) << 32) + ((long) device.vendorId() << 16) + device.productId();
            devices[next++] = ((long) device.address().bits() << 32)
                    + (parent == null ? 0 : Integer.toUnsignedLong(parent.bits()));
        }
        hash = Arrays.hashCode(devices);
    }

    private static long type(PciDevice device) {
        return switch (device.type()) {
            case PCI -> 0;
            case PF -> 1;
            case VF -> 2;
        };
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DeviceFingerprint that && hash == that.hash && Arrays.equals(devices, that.devices);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
