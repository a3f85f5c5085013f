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
 * Which cards a host's consumers were given, so that another card at an address that is held does not pass for it.
 *
 * @param remembered the card behind each provider in use when it was last seen, by the provider's name
 * @param accepted the cards that a person has accepted in place of others
 * @param bootId the host's boot now
 */
public record DeviceIdentities(
        Map<String, DeviceIdentity> remembered,
        Map<PciAddress, DeviceIdentity> accepted,
        @Nullable String bootId) {

    public static final DeviceIdentities NONE = new DeviceIdentities(Map.of(), Map.of(), null);

    public DeviceIdentities {
        remembered = Map.copyOf(remembered);
        accepted = Map.copyOf(accepted);
    }

    /**
     * Reads what a person has accepted. What cannot be read accepts nothing: the finding stays and says what to write.
     */
    public static Map<PciAddress, DeviceIdentity> accepted(@Nullable String annotation) {
        Map<PciAddress, DeviceIdentity> cards = new TreeMap<>();
        for (String entry : annotation == null ? new String[0] : annotation.split("[,\\s]+")) {
            int equals = entry.indexOf('=');
            if (equals > 0) {
                Optional<PciAddress> address = PciAddress.parse(entry.substring(0, equals));
                Optional<DeviceIdentity> card = DeviceIdentity.parse(entry.substring(equals + 1));
                if (address.isPresent() && card.isPresent()) {
                    cards.put(address.get(), card.get());
                }
            }
        }
        return cards;
    }

    /** The card that is at an address now; empty where none is seen. */
    private Optional<DeviceIdentity> at(PciAddress address, HostDevices devices) {
        return devices.findDevice(address)
                .or(() -> devices.devices().stream()
                        .filter(device -> address.equals(device.parent()))
                        .findFirst())
                .map(device -> DeviceIdentity.of(device, bootId));
    }

    /** What is to be made of a provider in use: as was decided, unless another card than its consumers' is there. */
    ProviderDecision judge(ProviderDecision decision, ObservedProvider view, PciAddress address, HostDevices devices) {
        DeviceIdentity before = remembered.get(view.name());
        Optional<DeviceIdentity> seen = at(address, devices);
        if (seen.isEmpty()) {
            return decision.behindIt(before);
        }
        DeviceIdentity now = seen.get();
        DeviceIdentity taken = accepted.get(address);
        if (before == null || (taken != null && taken.sameAs(now))) {
            return decision.behindIt(now);
        }
        if (before.mayBe(now)) {
            return decision.behindIt(now.knownAs(before));
        }
        return decision.keptAsIs(
                view, new Finding.DeviceReplaced(address, before, now, whereabouts(before, devices), view.consumers()));
    }

    /** Where a card is now, if its serial number tells. */
    private @Nullable PciAddress whereabouts(DeviceIdentity card, HostDevices devices) {
        return devices.devices().stream()
                .filter(device -> device.parent() == null && card.serialNumber() != null)
                .filter(device -> DeviceIdentity.of(device, bootId).sameAs(card))
                .map(PciDevice::address)
                .findFirst()
                .orElse(null);
    }
}
