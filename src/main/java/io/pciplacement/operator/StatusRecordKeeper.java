package io.pciplacement.operator;

import io.pciplacement.api.v1alpha1.AllocationReader;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.operator.sync.RecordKeeper;
import io.pciplacement.planning.allocation.AllocationRecord;

/** Keeps a PciAllocation's record in its status; what the status does not have yet is kept in the book. */
final class StatusRecordKeeper implements RecordKeeper {

    private final PciAllocation object;
    private final AllocationBook book;
    private final StatusWriter statuses;

    /** @param object the object with the last status that was written for it */
    StatusRecordKeeper(PciAllocation object, AllocationBook book, StatusWriter statuses) {
        this.object = object;
        this.book = book;
        this.statuses = statuses;
    }

    @Override
    public AllocationRecord record() {
        return book.record(object.getMetadata().getUid()).orElseGet(() -> AllocationReader.record(object));
    }

    @Override
    public void remember(AllocationRecord record) {
        if (!record.equals(record())) {
            book.remember(object.getMetadata().getUid(), record);
        }
    }

    @Override
    public void store(AllocationRecord record) {
        statuses.write(
                object, new PciAllocation(), RecordedAmounts.of(object, record).in(object.getStatus()));
        remember(record);
    }
}
