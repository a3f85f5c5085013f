package io.pciplacement.sync;

import io.pciplacement.planning.allocation.AllocationRecord;

/** Store of the allocation record of one PciAllocation: what the operator has written to Placement for it. */
public interface AllocationRecordStore {

    /**
     * A store that returns a fixed record and cannot persist another one. For the CLI, which must not write amounts
     * that could not be released later.
     */
    static AllocationRecordStore readOnly(AllocationRecord record) {
        return new AllocationRecordStore() {
            @Override
            public AllocationRecord currentRecord() {
                return record;
            }

            @Override
            public void keepInMemory(AllocationRecord after) {}

            @Override
            public void persistRecord(AllocationRecord after) {
                throw new NotPersistedException();
            }
        };
    }

    /** The store cannot persist records; the write that the record is for has not been executed. */
    final class NotPersistedException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        NotPersistedException() {
            super("the record of the allocation cannot be persisted");
        }
    }

    /** What has been written for the object so far. */
    AllocationRecord currentRecord();

    /** Keeps a record in memory for the lifetime of the process. */
    void keepInMemory(AllocationRecord record);

    /**
     * Persists a record so that it survives a restart. Called before a write whose amounts could not be distinguished
     * from those of other clients later.
     *
     * @throws NotPersistedException if the store cannot persist records
     */
    void persistRecord(AllocationRecord record);
}
