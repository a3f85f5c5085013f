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
    public AllocationRecord record() {
        return index.record(object.getMetadata().getUid()).orElseGet(() -> PciAllocationMapper.record(object));
    }

    @Override
    public void remember(AllocationRecord record) {
        if (!record.equals(record())) {
            index.remember(object.getMetadata().getUid(), record);
        }
    }

    @Override
    public void store(AllocationRecord record) {
        statusPatcher.patchStatus(
                object, new PciAllocation(), RecordedAmounts.of(object, record).applyTo(object.getStatus()));
        remember(record);
    }
}
