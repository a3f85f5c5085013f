package io.pciplacement.operator.allocation;

import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.operator.status.StatusPatcher;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.sync.AllocationRecordStore;
import io.pciplacement.sync.index.AllocationIndex;

/** Record store that persists to the status of the PciAllocation; the index holds what is not written there yet. */
final class StatusRecordStore implements AllocationRecordStore {

    private final PciAllocation object;
    private final AllocationIndex index;
    private final StatusPatcher statusPatcher;

    /** @param object the object with its last written status */
    StatusRecordStore(PciAllocation object, AllocationIndex index, StatusPatcher statusPatcher) {
        this.object = object;
        this.index = index;
        this.statusPatcher = statusPatcher;
    }

    @Override
    public AllocationRecord currentRecord() {
        return index.findRecord(object.getMetadata().getUid())
                .orElseGet(() -> PciAllocationMapper.toAllocationRecord(object));
    }

    @Override
    public void keepInMemory(AllocationRecord record) {
        if (!record.equals(currentRecord())) {
            index.putRecord(object.getMetadata().getUid(), record);
        }
    }

    @Override
    public void persistRecord(AllocationRecord record) {
        statusPatcher.patchStatus(
                object, new PciAllocation(), RecordedAmounts.of(object, record).applyTo(object.getStatus()));
        keepInMemory(record);
    }
}
