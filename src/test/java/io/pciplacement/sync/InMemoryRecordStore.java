package io.pciplacement.sync;

import io.pciplacement.planning.allocation.AllocationRecord;

/** The record of one object; what is not stored is lost with the process. */
final class InMemoryRecordStore implements AllocationRecordStore {

    private AllocationRecord record = AllocationRecord.NONE;
    private AllocationRecord stored = AllocationRecord.NONE;

    @Override
    public AllocationRecord currentRecord() {
        return record;
    }

    @Override
    public void keepInMemory(AllocationRecord now) {
        record = now;
    }

    @Override
    public void persistRecord(AllocationRecord now) {
        record = now;
        stored = now;
    }

    AllocationRecord stored() {
        return stored;
    }

    /** The process is killed. */
    void kill() {
        record = stored;
    }
}
