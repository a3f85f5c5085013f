package io.pciplacement.simulation;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.ProviderName;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.CleaningRecord;
import io.pciplacement.planning.DeviceIdentities;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.planning.UncleanedDevice;
import io.pciplacement.sync.host.HostRecord;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.host.HostSyncResult.ProviderResult;
import io.pciplacement.sync.host.ProviderSnapshot;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Simulated HostPciInventory of a {@link HostSimulation}: its device list, its status and its annotations. */
final class SimulatedHostObject {

    /** Whether an agent has published a device list. */
    boolean listed = true;

    /** Values of the cleaning annotations. */
    final Map<PciAddress, String> confirmations = new HashMap<>();

    private Map<String, ProviderSnapshot> snapshots = Map.of();
    private Map<PciAddress, UncleanedDevice> uncleaned = Map.of();
    private Map<UUID, Map<UUID, Map<ResourceClass, Integer>>> allocations = Map.of();
    private @Nullable UUID recordedRoot;

    HostRecord toRecord() {
        return new HostRecord(
                snapshots,
                DeviceIdentities.NONE,
                CleaningRecord.of(uncleaned, confirmations),
                Map.of(),
                provider -> allocations.getOrDefault(provider.uuid(), Map.of()),
                recordedRoot);
    }

    /** The statuses of the host and of the PciAllocations are written. */
    void recordResult(HostSyncResult.Synced synced, Collection<ObservedProvider> observed) {
        snapshots = synced.providers().stream()
                .collect(Collectors.toMap(result -> result.decision().name(), ProviderResult::toSnapshot));
        uncleaned = synced.uncleaned();
        recordedRoot = synced.root();
        allocations =
                observed.stream().collect(Collectors.toMap(ObservedProvider::uuid, ObservedProvider::allocations));
    }

    /** It is created again with its annotations and without status. */
    void restore() {
        listed = false;
        snapshots = Map.of();
        uncleaned = Map.of();
        allocations = Map.of();
        recordedRoot = null;
    }

    Set<PciAddress> uncleanedDevices() {
        return uncleaned.keySet();
    }

    boolean isTypeRecorded(String provider) {
        ProviderSnapshot snapshot = snapshots.get(provider);
        return snapshot != null && snapshot.deviceType() != null;
    }

    @Nullable UUID root() {
        return recordedRoot;
    }

    /** The devices that the host's object records as used, or as one-time-use devices. */
    Set<PciAddress> oneTimeUseDevices() {
        Set<PciAddress> recorded = new TreeSet<>(uncleaned.keySet());
        snapshots.forEach((name, snapshot) -> {
            if (snapshot.content() != null && snapshot.content().traits().contains(Trait.ONE_TIME_USE)) {
                ProviderName.findAddress(name).ifPresent(recorded::add);
            }
        });
        return recorded;
    }
}
