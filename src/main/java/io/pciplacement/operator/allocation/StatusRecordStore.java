package io.pciplacement.operator.allocation;

import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.operator.status.StatusPatcher;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.sync.AllocationRecordStore;
import io.pciplacement.sync.index.AllocationIndex;

/** Keeps a PciAllocation's record in its status; what the status does not have yet is kept in the book. */
final class StatusRecordStore implements AllocationRecordStore {

    private final PciAllocation object;
    private final AllocationIndex book;
    private final StatusPatcher statuses;

    /** @param object the object with the last status that was written for it */
    StatusRecordStore(PciAllocation object, AllocationIndex book, StatusPatcher statuses) {
        this.object = object;
        this.book = book;
        this.statuses = statuses;
    }

    @Override
    public AllocationRecord currentRecord() {
        return book.findRecord(object.getMetadata().getUid())
                .orElseGet(() -> PciAllocationMapper.toAllocationRecord(object));
    }

    @Override
    public void keepInMemory(AllocationRecord record) {
        if (!record.equals(currentRecord())) {
            book.putRecord(object.getMetadata().getUid(), record);
        }
    }

    @Override
    public void persistRecord(AllocationRecord record) {
        statuses.write(
                object, new PciAllocation(), RecordedAmounts.of(object, record).in(object.getStatus()));
        keepInMemory(record);
    }
}
