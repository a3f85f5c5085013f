package io.pciplacement.planning.reservation;

import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Devices of a host that must not be allocated, according to its HostPciInventory.
 *
 * @param quarantined reasons by address; the address of a PF includes its VFs
 * @param drain whether no device of the host may be allocated
 */
public record ReservationPolicy(SortedMap<PciAddress, String> quarantined, boolean drain) {

    public static final ReservationPolicy NONE = new ReservationPolicy(Map.of(), false);

    public ReservationPolicy {
        quarantined = Collections.unmodifiableSortedMap(new TreeMap<>(quarantined));
    }

    public ReservationPolicy(Map<PciAddress, String> quarantined, boolean drain) {
        this(new TreeMap<>(quarantined), drain);
    }

    /** Whether a device is quarantined, by its own address or by that of its PF. */
    public boolean isQuarantined(PciDevice device) {
        PciAddress pf = device.parent();
        return quarantined.containsKey(device.address()) || (pf != null && quarantined.containsKey(pf));
    }

    /** Returns the devices that a claim must not select. */
    public Set<PciAddress> withheldDevices(HostDevices devices) {
        return drain || !quarantined.isEmpty()
                ? devices.devices().stream()
                        .filter(device -> drain || isQuarantined(device))
                        .map(PciDevice::address)
                        .collect(Collectors.toUnmodifiableSet())
                : Set.of();
    }

    /** Returns why the device at an address is quarantined; null if it is not, or only with its PF. */
    @Nullable String reasonFor(PciAddress address) {
        return quarantined.get(address);
    }
}
