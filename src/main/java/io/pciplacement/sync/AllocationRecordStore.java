package io.pciplacement.sync;

import io.pciplacement.planning.allocation.AllocationRecord;

/** Store of the allocation record of one PciAllocation: what the operator has written to Placement for it. */
public interface AllocationRecordStore {

    /** A store that returns a fixed record and keeps no changes. For the CLI. */
    static AllocationRecordStore readOnly(AllocationRecord record) {
        return new AllocationRecordStore() {
            @Override
            public AllocationRecord currentRecord() {
                return record;
            }

            @Override
            public void keepInMemory(AllocationRecord after) {}

            @Override
            public void persistRecord(AllocationRecord after) {}
        };
    }

    /** What has been written for the object so far. */
    AllocationRecord currentRecord();

    /** Keeps a record in memory for the lifetime of the process. */
    void keepInMemory(AllocationRecord record);

    /**
     * Persists a record so that it survives a restart. Called before a write whose amounts could not be distinguished
     * from those of other clients later.
     */
    void persistRecord(AllocationRecord record);
}
