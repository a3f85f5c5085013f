package io.pciplacement.planning;

import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.planning.finding.DeviceIdentity;
import io.pciplacement.planning.finding.Finding;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Identities of the cards that are allocated on a host, used to detect a replaced card at an allocated address.
 *
 * @param lastKnown identity of the card of each provider in use when it was last observed, by provider name
 * @param accepted identities that an administrator has accepted as replacements
 * @param bootId current boot of the host
 */
public record DeviceIdentities(
        Map<String, DeviceIdentity> lastKnown,
        Map<PciAddress, DeviceIdentity> accepted,
        @Nullable String bootId) {

    public static final DeviceIdentities NONE = new DeviceIdentities(Map.of(), Map.of(), null);

    public DeviceIdentities {
        lastKnown = Map.copyOf(lastKnown);
        accepted = Map.copyOf(accepted);
    }

    /**
     * Parses the annotation with the accepted identities. Invalid entries are ignored; the finding, whose message
     * contains the correct value, remains.
     */
    public static Map<PciAddress, DeviceIdentity> parseAccepted(@Nullable String annotation) {
        Map<PciAddress, DeviceIdentity> identities = new TreeMap<>();
        for (String entry : annotation == null ? new String[0] : annotation.split("[,\\s]+")) {
            int equals = entry.indexOf('=');
            if (equals > 0) {
                Optional<PciAddress> address = PciAddress.parse(entry.substring(0, equals));
                Optional<DeviceIdentity> identity = DeviceIdentity.parse(entry.substring(equals + 1));
                if (address.isPresent() && identity.isPresent()) {
                    identities.put(address.get(), identity.get());
                }
            }
        }
        return identities;
    }

    /** Returns the identity of the card that is now at an address; empty if no device is present. */
    private Optional<DeviceIdentity> identityAt(PciAddress address, HostDevices devices) {
        return devices.findDeviceOrVf(address).map(device -> DeviceIdentity.of(device, bootId));
    }

    /**
     * Completes the decision about a provider in use with the identity of its card, or blocks it if the card has been
     * replaced.
     */
    ProviderDecision checkIdentity(
            ProviderDecision decision, ObservedProvider observed, PciAddress address, HostDevices devices) {
        DeviceIdentity before = lastKnown.get(observed.name());
        Optional<DeviceIdentity> observedIdentity = identityAt(address, devices);
        if (observedIdentity.isEmpty()) {
            return decision.withIdentity(before);
        }
        DeviceIdentity now = observedIdentity.get();
        DeviceIdentity acceptedIdentity = accepted.get(address);
        if (before == null || (acceptedIdentity != null && acceptedIdentity.hasSameIdentity(now))) {
            return decision.withIdentity(now);
        }
        if (before.isCompatibleWith(now)) {
            return decision.withIdentity(now.mergedWith(before));
        }
        return decision.blockedBy(
                observed,
                new Finding.DeviceReplaced(
                        address, before, now, currentAddress(before, devices), observed.consumerUuids()));
    }

    /** Returns the current address of a card, if its serial number identifies it. */
    private @Nullable PciAddress currentAddress(DeviceIdentity identity, HostDevices devices) {
        return devices.devices().stream()
                .filter(device -> device.parent() == null && identity.serialNumber() != null)
                .filter(device -> DeviceIdentity.of(device, bootId).hasSameIdentity(identity))
                .map(PciDevice::address)
                .findFirst()
                .orElse(null);
    }
}
