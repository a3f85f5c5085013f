package io.pciplacement.sync;

import io.pciplacement.planning.allocation.AllocationRecord;

/** In-memory record store of one object; a record that was not persisted is lost in a crash. */
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

    AllocationRecord persistedRecord() {
        return stored;
    }

    /** Simulates a crash of the process. */
    void simulateCrash() {
        record = stored;
    }
}
