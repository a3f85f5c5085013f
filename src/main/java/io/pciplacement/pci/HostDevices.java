package io.pciplacement.pci;

import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** All PCI devices of one host, indexed by address. If two devices have the same address, the later one is used. */
public final class HostDevices {

    public static final HostDevices NONE = new HostDevices(List.of());

    private final List<PciDevice> devices;

    /** The addresses of the devices, in the same order. */
    private final List<PciAddress> addresses;

    private final List<DeviceGroup> deviceGroups;

    /** Computed on first access. A data race is harmless: the value is immutable and every thread computes the same. */
    private @Nullable DeviceFingerprint fingerprint;

    public HostDevices(Collection<PciDevice> unsorted) {
        SortedMap<PciAddress, PciDevice> byAddress = new TreeMap<>();
        unsorted.forEach(device -> byAddress.put(device.address(), device));
        devices = List.copyOf(byAddress.values());
        addresses = List.copyOf(byAddress.keySet());
        deviceGroups = DeviceGroup.partition(devices);
    }

    /** The devices in the order of their addresses. */
    public List<PciDevice> devices() {
        return devices;
    }

    /** The same devices in the same order, partitioned into groups of equivalent devices. */
    public List<DeviceGroup> deviceGroups() {
        return deviceGroups;
    }

    /** The key by which hosts with identical devices are recognized. */
    public DeviceFingerprint fingerprint() {
        DeviceFingerprint current = fingerprint;
        if (current == null) {
            current = new DeviceFingerprint(devices);
            fingerprint = current;
        }
        return current;
    }

    /** The devices that are inventory of one of these resource providers. */
    public HostDevices filterByProviders(Set<PciAddress> providers) {
        return new HostDevices(devices.stream()
                .filter(device -> providers.contains(device.providerAddress()))
                .toList());
    }

    /** These devices with the PFs of VFs, which lose them if they are passed through, and with the VFs of PFs. */
    public Set<PciAddress> withDependentDevices(Set<PciAddress> addresses) {
        Set<PciAddress> all = new HashSet<>(addresses);
        for (PciDevice device : devices) {
            PciAddress pf = device.parent();
            if (pf != null && addresses.contains(device.address())) {
                all.add(pf);
            }
            if (pf != null && addresses.contains(pf)) {
                all.add(device.address());
            }
        }
        return all;
    }

    public Optional<PciDevice> findDevice(PciAddress address) {
        int index = Collections.binarySearch(addresses, address);
        return index < 0 ? Optional.empty() : Optional.of(devices.get(index));
    }

    /**
     * The address of the provider that has the units of an attached device: its own if the host does not list the
     * device any more, because the parent of a missing VF is unknown.
     */
    public PciAddress providerAddressOf(PciAddress attached) {
        return findDevice(attached).map(PciDevice::providerAddress).orElse(attached);
    }

    /** The device at an address or, if the host does not list this PF, one of its VFs. */
    public Optional<PciDevice> findDeviceOrVf(PciAddress address) {
        return findDevice(address)
                .or(() -> devices.stream()
                        .filter(device -> address.equals(device.parent()))
                        .findFirst());
    }

    /** Number of PCI functions: devices without SR-IOV, PFs and VFs. */
    public int size() {
        return devices.size();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof HostDevices that && devices.equals(that.devices);
    }

    @Override
    public int hashCode() {
        return devices.hashCode();
    }

    @Override
    public String toString() {
        return devices.toString();
    }
}
