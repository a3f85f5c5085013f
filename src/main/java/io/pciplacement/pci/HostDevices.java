package io.pciplacement.pci;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** All PCI devices of one host, by address. Of two entries with one address the later counts. */
public final class HostDevices {

    public static final HostDevices NONE = new HostDevices(List.of());

    private final TreeMap<PciAddress, PciDevice> byAddress = new TreeMap<>();
    private final List<PciDevice> all;
    private final List<DeviceGroup> runs;

    /** Made when it is first asked for; whoever sees it sees it whole. */
    private @Nullable DeviceFingerprint layout;

    public HostDevices(Collection<PciDevice> devices) {
        devices.forEach(device -> byAddress.put(device.address(), device));
        all = List.copyOf(byAddress.values());
        runs = DeviceGroup.of(all);
    }

    /** The devices in the order of their addresses. */
    public List<PciDevice> all() {
        return all;
    }

    /** The same devices in the same order, in groups that are alike. */
    public List<DeviceGroup> runs() {
        return runs;
    }

    /** By which hosts of one make are known. */
    public DeviceFingerprint layout() {
        DeviceFingerprint known = layout;
        if (known == null) {
            known = new DeviceFingerprint(all);
            layout = known;
        }
        return known;
    }

    /** Those that are counted on one of these resource providers. */
    public HostDevices onProviders(Set<PciAddress> providers) {
        return new HostDevices(all.stream()
                .filter(device -> providers.contains(device.providerAddress()))
                .toList());
    }

    public Optional<PciDevice> at(PciAddress address) {
        return Optional.ofNullable(byAddress.get(address));
    }

    /** How many functions there are: each plain device, each PF, each VF. */
    public int size() {
        return all.size();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof HostDevices that && all.equals(that.all);
    }

    @Override
    public int hashCode() {
        return all.hashCode();
    }

    @Override
    public String toString() {
        return all.toString();
    }
}
