package io.pciplacement.sync.host;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.planning.CleaningRecord;
import io.pciplacement.planning.DeviceIdentities;
import io.pciplacement.planning.reservation.RecordedReservation;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * State of a host that is persisted in its HostPciInventory: results of earlier syncs, and what users state there about
 * its devices.
 *
 * @param providers the last known state of the host's providers, by name
 * @param identities the identities of the physical devices that its providers had when they were allocated
 * @param cleaning which one-time-use devices were used, and which are confirmed as cleaned
 * @param reservations units that the operator has reserved in addition to those of administrators, by the address of
 *     the provider; null if the operator has never written the status of the object
 * @param allocations the allocations of its providers, as the statuses of PciAllocations and of the host record them
 * @param root the UUID of the root provider below which its providers were written; null if none was
 */
public record HostRecord(
        Map<String, ProviderSnapshot> providers,
        DeviceIdentities identities,
        CleaningRecord cleaning,
        @Nullable Map<PciAddress, RecordedReservation> reservations,
        Allocations allocations,
        @Nullable UUID root) {

    public static final HostRecord NONE = of(Map.of());

    /** Recorded allocations of a host's providers. They may be incomplete or outdated. */
    @FunctionalInterface
    public interface Allocations {

        Allocations NONE = provider -> Map.of();

        /** The recorded amounts of a provider, by consumer and resource class. */
        Map<UUID, Map<ResourceClass, Integer>> ofProvider(ResourceProvider provider);
    }

    public HostRecord {
        providers = Map.copyOf(providers);
        reservations = reservations == null ? null : Map.copyOf(reservations);
    }

    /** A record of providers only. */
    public static HostRecord of(Map<String, ProviderSnapshot> providers) {
        return new HostRecord(providers, DeviceIdentities.NONE, CleaningRecord.NONE, Map.of(), Allocations.NONE, null);
    }

    ProviderSnapshot providerSnapshot(String name) {
        return providers.getOrDefault(name, ProviderSnapshot.EMPTY);
    }
}
