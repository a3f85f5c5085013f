package io.pciplacement.sync.cache;

import io.pciplacement.planning.allocation.AllocationDelta;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.DeviceRef;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Tracker of the units that the operator has removed from servers of Nova. nova-compute allocates the devices that it
 * has assigned again, so the operator does not remove such units after they were restored twice.
 */
public final class RemovedUnitsTracker {

    private static final int MAX_RESTORES = 2;

    /** Restores that are further apart are separate events, each corrected by one write. */
    private static final Duration WINDOW = Duration.ofHours(1);

    private final InstantSource clock;
    private final Map<UUID, History> histories = new HashMap<>();

    /**
     * History of one consumer, for the devices that its PciAllocation names.
     *
     * @param removed whether the operator has removed the units since they were restored the last time
     */
    private record History(
            List<DeviceRef> devices, Set<UUID> providers, boolean removed, int restores, Instant lastChange) {}

    public RemovedUnitsTracker(InstantSource clock) {
        this.clock = clock;
    }

    /** Whether the units that an update would remove were restored repeatedly after the operator had removed them. */
    public synchronized boolean areRestored(DesiredAllocation desired, List<AllocationDelta> removals) {
        UUID consumer = desired.consumer().uuid();
        History history = histories.get(consumer);
        if (history == null
                || !history.devices().equals(desired.currentDevices())
                || removals.stream().noneMatch(delta -> history.providers().contains(delta.providerUuid()))) {
            return false;
        }
        int restores = history.restores();
        if (history.removed()) {
            Instant now = clock.instant();
            restores = now.isAfter(history.lastChange().plus(WINDOW)) ? 1 : restores + 1;
            histories.put(consumer, new History(history.devices(), history.providers(), false, restores, now));
        }
        return restores >= MAX_RESTORES;
    }

    /** Records that units were removed. */
    public synchronized void recordRemovals(DesiredAllocation desired, List<AllocationDelta> removals) {
        Instant now = clock.instant();
        histories
                .values()
                .removeIf(history ->
                        history.removed() && now.isAfter(history.lastChange().plus(WINDOW)));
        if (!removals.isEmpty()) {
            UUID consumer = desired.consumer().uuid();
            List<DeviceRef> devices = desired.currentDevices();
            History before = histories.get(consumer);
            int restores = before != null && before.devices().equals(devices) ? before.restores() : 0;
            Set<UUID> providers =
                    removals.stream().map(AllocationDelta::providerUuid).collect(Collectors.toSet());
            histories.put(consumer, new History(devices, providers, true, restores, now));
        }
    }
}
