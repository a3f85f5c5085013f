package io.pciplacement.sync.host;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.AdoptionContext;
import io.pciplacement.planning.CleaningRecord;
import io.pciplacement.planning.DesiredProvider;
import io.pciplacement.planning.HostProviderTree;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.planning.Resolution;
import io.pciplacement.planning.UncleanedDevice;
import io.pciplacement.planning.reservation.HostReservations;
import io.pciplacement.sync.cache.ProviderCache;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tracker of the one-time-use devices that were used, and of reservations on providers that other clients have deleted.
 * It keeps both in memory, so that neither a failed write nor the deletion of a host's object loses them.
 */
final class CleaningTracker {

    private final ProviderCache providerCache;
    private final Map<String, Map<PciAddress, UncleanedDevice>> uncleanedByNode = new ConcurrentHashMap<>();

    /** By node: reserved units of providers that Placement has lost. A host's status lists them for one sync only. */
    private final Map<String, Map<PciAddress, Integer>> lostReservationsByNode = new ConcurrentHashMap<>();

    /** Providers that this process has deleted but that a host's status may still list. */
    private final Set<UUID> deletedProviders = ConcurrentHashMap.newKeySet();

    CleaningTracker(ProviderCache providerCache) {
        this.providerCache = providerCache;
    }

    /**
     * The record of a host's object, with what this process knows and observes.
     *
     * @param observedByName the operator's providers, without the units that it has reserved itself
     */
    CleaningRecord buildRecord(
            HostSyncRequest request,
            Resolution resolution,
            HostProviderTree target,
            Map<String, ObservedProvider> observedByName,
            AdoptionContext adoption,
            HostReservations operatorReservations) {
        CleaningRecord recorded = request.record().cleaning();
        Map<PciAddress, Integer> suspects = new HashMap<>();
        Map<PciAddress, Integer> reservations =
                new HashMap<>(lostReservationsByNode.getOrDefault(request.node(), Map.of()));
        observedByName.forEach((name, observed) -> {
            if (!observed.inventories().isEmpty()) {
                target.findAddress(name).ifPresent(reservations::remove);
            }
            Integer reserved = providerCache.suspectedReservation(observed.uuid());
            if (reserved != null) {
                target.findAddress(name)
                        .ifPresent(address ->
                                suspects.put(address, operatorReservations.administratorUnits(address, reserved)));
            }
        });
        adoption.foreignProviders().forEach((name, observed) -> {
            if (observed.traits().contains(Trait.ONE_TIME_USE)
                    && observed.totalUnits() > 0
                    && observed.reservedUnits() >= observed.totalUnits()) {
                // Nova reserves a used one-time-use device in the same way.
                target.findAddress(name).ifPresent(address -> suspects.put(address, 0));
            }
        });
        request.record().providers().forEach((name, snapshot) -> {
            ProviderSnapshot.Content deleted = snapshot.content();
            if (deleted != null
                    && !observedByName.containsKey(name)
                    && !deletedProviders.contains(deleted.provider())) {
                target.findAddress(name)
                        .ifPresent(address ->
                                addDeletedProvider(address, deleted, operatorReservations, suspects, reservations));
            }
        });
        resolution.providers().forEach((address, plan) -> {
            ObservedProvider observed = observedByName.get(target.providerName(address));
            Integer reservedOnLost =
                    observed == null ? providerCache.suspectedReservation(target.providerUuid(address)) : null;
            if (reservedOnLost != null) {
                suspects.put(address, operatorReservations.administratorUnits(address, reservedOnLost));
            }
            if (plan instanceof DesiredProvider.Resolved desired
                    && desired.traits().contains(Trait.ONE_TIME_USE)
                    && desired.devices().stream().anyMatch(device -> hasServerWithoutAllocation(request, device))) {
                suspects.putIfAbsent(address, observed == null ? 0 : observed.reservedUnits());
            }
        });
        lostReservationsByNode.put(request.node(), Map.copyOf(reservations));
        return recorded.withUncleaned(uncleanedByNode.getOrDefault(request.node(), recorded.uncleaned()))
                .withObservations(suspects, reservations);
    }

    /**
     * Whether a server has a device, according to a PciAllocation or to libvirt, although Placement may not know it.
     */
    private static boolean hasServerWithoutAllocation(HostSyncRequest request, PciDevice device) {
        return request.allocatedDevices().unallocated().contains(device.address())
                || request.attachments().isAttached(device.address());
    }

    /** Another client has deleted a provider. Its device may have been used before that. */
    private static void addDeletedProvider(
            PciAddress address,
            ProviderSnapshot.Content deleted,
            HostReservations operatorReservations,
            Map<PciAddress, Integer> suspects,
            Map<PciAddress, Integer> reservations) {
        int reserved = operatorReservations.administratorUnits(
                address,
                deleted.inventories().values().stream()
                        .mapToInt(Inventory::reserved)
                        .sum());
        reservations.put(address, reserved);
        if (deleted.traits().contains(Trait.ONE_TIME_USE)) {
            suspects.putIfAbsent(address, reserved);
        }
    }

    /** Records that a decision was executed. */
    void recordWrite(ProviderDecision decision) {
        if (decision.state() == State.REMOVED) {
            deletedProviders.add(decision.uuid());
        } else {
            deletedProviders.remove(decision.uuid());
        }
    }

    /**
     * Keeps which devices were used, before a write can fail: a provider that was recreated does not show any more that
     * its device was used.
     */
    void keepUncleaned(String node, Map<PciAddress, UncleanedDevice> uncleaned) {
        uncleanedByNode.put(node, uncleaned);
    }

    /**
     * Records the result of a sync.
     *
     * @param evaluated the providers whose possible use the result contains
     */
    void recordResult(String node, Map<PciAddress, UncleanedDevice> uncleaned, Collection<UUID> evaluated) {
        uncleanedByNode.put(node, uncleaned);
        evaluated.forEach(providerCache::clearSuspicion);
    }
}
