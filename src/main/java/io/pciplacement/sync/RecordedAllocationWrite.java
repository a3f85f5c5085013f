package io.pciplacement.sync;

import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.planning.allocation.AllocationDelta;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.planning.allocation.DesiredAllocation;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * A write of consumers' allocations that is recorded as the object's. The record is kept before the write, because an
 * answer may not come. It outlives a kill where the consumers have something else; where they have nothing else, what
 * is found later is taken for the object's own.
 */
final class RecordedAllocationWrite {

    private final AllocationRecordStore records;
    private final boolean external;
    private final AllocationRecord before;
    private final AllocationRecord after;
    private final Set<UUID> others;

    /**
     * Prepares a write.
     *
     * @param present what the consumers have before it
     * @param amounts what they shall have
     */
    RecordedAllocationWrite(
            AllocationRecordStore records,
            DesiredAllocation holding,
            Map<UUID, Allocation> present,
            List<AllocationDelta> amounts) {
        this.records = records;
        this.external = holding.consumer().managedExternally();
        this.before = records.record();
        Set<UUID> adopted = new TreeSet<>(holding.consumerUuids());
        adopted.removeIf(consumer -> hasOthers(consumer, present, amounts));
        this.after = external ? before : before.recordAfter(amounts, holding.consumerUuids(), adopted);
        this.others = new TreeSet<>(after.consumerUuids());
        others.removeAll(adopted);
    }

    private static boolean hasOthers(UUID consumer, Map<UUID, Allocation> present, List<AllocationDelta> amounts) {
        Allocation allocation = present.get(consumer);
        return allocation == null
                || allocation.resources().entrySet().stream()
                        .anyMatch(entry -> entry.getValue().keySet().stream()
                                .anyMatch(resourceClass -> amounts.stream()
                                        .filter(amount -> amount.desired() > 0)
                                        .filter(amount -> amount.consumer().equals(consumer))
                                        .filter(amount -> amount.providerUuid().equals(entry.getKey()))
                                        .noneMatch(
                                                amount -> amount.resourceClass().equals(resourceClass))));
    }

    /** What the object has written once this is done. */
    Optional<AllocationRecord> record() {
        return external ? Optional.empty() : Optional.of(after);
    }

    /** Carries it out. */
    <T> T run(Supplier<T> write) {
        if (!after.equals(before)) {
            if (others.isEmpty()) {
                records.remember(before.combinedWith(after));
            } else {
                records.store(before.combinedWith(after));
            }
        }
        try {
            return write.get();
        } catch (PlacementException e) {
            if (FailureAction.to(e) != FailureAction.WAIT) {
                records.remember(before);
            }
            throw e;
        }
    }
}
