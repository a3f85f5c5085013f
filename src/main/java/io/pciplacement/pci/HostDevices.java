package io.pciplacement.pci;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** All PCI devices of one host, by address. Of two entries with one address the later counts. */
public final class HostDevices {

    public static final HostDevices NONE = new HostDevices(List.of());

    private final TreeMap<PciAddress, PciDevice> byAddress = new TreeMap<>();

    public HostDevices(Collection<PciDevice> devices) {
        devices.forEach(device -> byAddress.put(device.address(), device));
    }

    /** The devices in the order of their addresses. */
    public Collection<PciDevice> all() {
        return Collections.unmodifiableCollection(byAddress.values());
    }

    public Optional<PciDevice> at(PciAddress address) {
        return Optional.ofNullable(byAddress.get(address));
    }

    /** How many functions there are: each plain device, each PF, each VF. */
    public int size() {
        return byAddress.size();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof HostDevices that && byAddress.equals(that.byAddress);
    }

    @Override
    public int hashCode() {
        return byAddress.hashCode();
    }

    @Override
    public String toString() {
        return byAddress.values().toString();
    }
}
