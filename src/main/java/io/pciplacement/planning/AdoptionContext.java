package io.pciplacement.planning;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.NameNormalizer;
import io.pciplacement.placement.Trait;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Whether the operator may adopt providers that Nova created for a host's devices, and the candidates. Only providers
 * with Nova's trait are candidates; those of other services are never adopted.
 *
 * @param foreignProviders providers of other services with names that the operator would use, by name
 */
public record AdoptionContext(Mode mode, Map<String, ObservedProvider> foreignProviders) {

    /** Extent of the adoption. */
    public enum Mode {
        /** Providers of other services are not changed. */
        NONE,
        /** The changes are reported, and nothing is written. */
        PLAN,
        /** Nova's providers are adopted. */
        ADOPT
    }

    public static final AdoptionContext NONE = new AdoptionContext(Mode.NONE, Map.of());

    public AdoptionContext {
        foreignProviders = Map.copyOf(foreignProviders);
    }

    Optional<ObservedProvider> findCandidate(String name) {
        return mode == Mode.NONE
                ? Optional.empty()
                : Optional.ofNullable(foreignProviders.get(name))
                        .filter(observed -> observed.traits().contains(Trait.MANAGED_PCI_DEVICE));
    }

    /** Returns a foreign provider with the ownership traits added and everything else unchanged. */
    static ObservedProvider withOwnershipTraits(
            ObservedProvider foreignProvider,
            DesiredProvider.Resolved resolved,
            HostDevices devices,
            SortedSet<Trait> ownershipTraits) {
        SortedSet<Trait> traits = new TreeSet<>(foreignProvider.traits());
        traits.addAll(ownershipTraits);
        return new ObservedProvider(
                foreignProvider.provider(),
                foreignProvider.inventories(),
                traits,
                foreignProvider.allocations(),
                inferDeviceType(foreignProvider, resolved, devices));
    }

    /**
     * Infers the device type that a foreign provider's inventory counts, which Placement does not store. In case of
     * doubt, returns the type that offers the least to other consumers.
     */
    static DeviceType inferDeviceType(
            ObservedProvider foreignProvider, DesiredProvider.Resolved resolved, HostDevices devices) {
        if (resolved.deviceType() == DeviceType.PCI) {
            return DeviceType.PCI;
        }
        List<PciDevice> card = devices.all().stream()
                .filter(device -> device.providerAddress().equals(resolved.address()))
                .toList();
        Optional<DeviceType> byName = card.stream()
                .filter(device -> foreignProvider
                        .inventories()
                        .containsKey(NameNormalizer.generatedClass(device.vendorId(), device.productId())))
                .map(PciDevice::type)
                .findFirst();
        if (byName.isPresent()) {
            return byName.get();
        }
        if (foreignProvider.totalUnits() > 1) {
            return DeviceType.VF;
        }
        // One unit on a card with several VFs: its consumer may use the whole card.
        return resolved.devices().size() > 1 ? DeviceType.PF : resolved.deviceType();
    }
}
