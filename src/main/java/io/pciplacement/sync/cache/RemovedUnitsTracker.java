package io.pciplacement.sync.cache;

import io.pciplacement.planning.allocation.AllocationDelta;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.DeviceRef;
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

    private final InstantSource clock;
    private final Map<UUID, History> histories = new HashMap<>();

    /**
     * History of one consumer, for the devices that its PciAllocation names.
     *
     * @param providers the providers of the units that were removed last
     */
    private record History(List<DeviceRef> devices, Set<UUID> providers, RevertCount count) {}

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
        RevertCount count = history.count().reverted(clock.instant());
        histories.put(consumer, new History(history.devices(), history.providers(), count));
        return count.isContested();
    }

    /** Records that units were removed. */
    public synchronized void recordRemovals(DesiredAllocation desired, List<AllocationDelta> removals) {
        Instant now = clock.instant();
        histories
                .values()
                .removeIf(
                        history -> history.count().pending() && history.count().isExpired(now));
        if (!removals.isEmpty()) {
            UUID consumer = desired.consumer().uuid();
            List<DeviceRef> devices = desired.currentDevices();
            History before = histories.get(consumer);
            RevertCount count = before != null && before.devices().equals(devices)
                    ? before.count().nextWrite(now)
                    : RevertCount.firstWrite(now);
            Set<UUID> providers =
                    removals.stream().map(AllocationDelta::providerUuid).collect(Collectors.toSet());
            histories.put(consumer, new History(devices, providers, count));
        }
    }
}
