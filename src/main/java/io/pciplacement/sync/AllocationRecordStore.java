package io.pciplacement.sync;

import io.pciplacement.planning.allocation.AllocationRecord;

/** Keeps what one PciAllocation has written to Placement. */
public interface AllocationRecordStore {

    /** For whoever writes by hand: nothing is kept. */
    static AllocationRecordStore readOnly(AllocationRecord record) {
        return new AllocationRecordStore() {
            @Override
            public AllocationRecord record() {
                return record;
            }

            @Override
            public void remember(AllocationRecord after) {}

            @Override
            public void store(AllocationRecord after) {}
        };
    }

    /** What the object has written so far. */
    AllocationRecord record();

    /** Keeps a record as long as the process lives. */
    void remember(AllocationRecord record);

    /** Keeps a record beyond a kill, before something is written that could not be told from others' amounts later. */
    void store(AllocationRecord record);
}
