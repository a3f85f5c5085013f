package io.pciplacement.sync;

import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.planning.allocation.AllocationDelta;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.sync.state.FailureAction;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * A write of consumers' allocations that is recorded for the object. The record is stored before the write, because the
 * response may be lost. It is persisted if the consumers have other amounts too. If they have none, amounts that are
 * found later are attributed to the object.
 */
final class RecordedAllocationWrite {

    private final AllocationRecordStore recordStore;
    private final boolean external;
    private final AllocationRecord before;
    private final AllocationRecord after;
    private final Set<UUID> sharedConsumers;

    /**
     * Prepares a write.
     *
     * @param present the consumers' allocations before the write
     * @param deltas the desired amounts
     */
    RecordedAllocationWrite(
            AllocationRecordStore records,
            DesiredAllocation desired,
            Map<UUID, Allocation> present,
            List<AllocationDelta> deltas) {
        this.recordStore = records;
        this.external = desired.consumer().managedExternally();
        this.before = records.currentRecord();
        Set<UUID> adopted = new TreeSet<>(desired.consumerUuids());
        adopted.removeIf(consumer -> hasForeignAmounts(consumer, present, deltas));
        this.after = external ? before : before.recordAfter(deltas, desired.consumerUuids(), adopted);
        this.sharedConsumers = new TreeSet<>(after.consumerUuids());
        sharedConsumers.removeAll(adopted);
    }

    private static boolean hasForeignAmounts(
            UUID consumer, Map<UUID, Allocation> present, List<AllocationDelta> deltas) {
        Allocation allocation = present.get(consumer);
        return allocation == null
                || allocation.resources().entrySet().stream()
                        .anyMatch(entry -> entry.getValue().keySet().stream()
                                .anyMatch(resourceClass -> deltas.stream()
                                        .filter(delta -> delta.desired() > 0)
                                        .filter(delta -> delta.consumer().equals(consumer))
                                        .filter(delta -> delta.providerUuid().equals(entry.getKey()))
                                        .noneMatch(
                                                delta -> delta.resourceClass().equals(resourceClass))));
    }

    /** The record after the write; empty for External consumers. */
    Optional<AllocationRecord> resultingRecord() {
        return external ? Optional.empty() : Optional.of(after);
    }

    /** Executes the write. */
    <T> T executeWrite(Supplier<T> write) {
        if (!after.equals(before)) {
            if (sharedConsumers.isEmpty()) {
                recordStore.keepInMemory(before.combinedWith(after));
            } else {
                recordStore.persistRecord(before.combinedWith(after));
            }
        }
        try {
            return write.get();
        } catch (PlacementException e) {
            if (FailureAction.forException(e) != FailureAction.WAIT) {
                recordStore.keepInMemory(before);
            }
            throw e;
        }
    }
}
