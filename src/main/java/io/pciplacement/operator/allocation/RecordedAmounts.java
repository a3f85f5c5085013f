package io.pciplacement.operator.allocation;

import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationStatus;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.AllocationStatus;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.planning.allocation.AllocationRecord.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The rows of a PciAllocation's status, with what of them the object has written. */
final class RecordedAmounts {

    /** As the kind bounds them. */
    private static final int MOST_ROWS = 128;

    private final List<AllocationStatus> before;
    private final AllocationRecord record;
    private final boolean managed;

    private RecordedAmounts(List<AllocationStatus> before, AllocationRecord record, boolean managed) {
        this.before = before;
        this.record = record;
        this.managed = managed;
    }

    /** The rows that an object has, and its record. */
    static RecordedAmounts of(PciAllocation object, AllocationRecord record) {
        PciAllocationStatus status = object.getStatus();
        return new RecordedAmounts(
                Objects.requireNonNullElse(status == null ? null : status.allocations(), List.of()),
                record,
                PciAllocationMapper.isOperatorManaged(object));
    }

    /** A status with these rows. */
    PciAllocationStatus in(@Nullable PciAllocationStatus status) {
        List<AllocationStatus> rows = rows(null);
        return status == null
                ? new PciAllocationStatus(null, null, null, null, null, null, null, null, rows, null)
                : new PciAllocationStatus(
                        status.observedGeneration(),
                        status.phase(),
                        status.lastSyncTime(),
                        status.healCount(),
                        status.lastHealTime(),
                        status.summary(),
                        status.devices(),
                        status.grantedGeneration(),
                        rows,
                        status.conditions());
    }

    /**
     * The rows that were there and those of the record; a record's is not lost because nothing can be judged now.
     *
     * @param state of all of them, null where each keeps its own
     */
    List<AllocationStatus> rows(PciAllocationStatus.@Nullable AllocationState state) {
        List<AllocationStatus> rows = new ArrayList<>();
        for (Entry entry : record.entries()) {
            PciAllocationStatus.AllocationState known = before.stream()
                    .filter(row -> isOf(row, entry))
                    .map(AllocationStatus::state)
                    .filter(Objects::nonNull)
                    .findFirst()
                    .orElse(PciAllocationStatus.AllocationState.MISSING);
            rows.add(new AllocationStatus(
                    entry.consumer().toString(),
                    entry.provider(),
                    entry.uuid().toString(),
                    entry.resourceClass().name(),
                    entry.amount(),
                    state != null ? state : known,
                    entry.written()));
        }
        before.stream()
                .filter(row -> record.entries().stream().noneMatch(entry -> isOf(row, entry)))
                .map(row -> new AllocationStatus(
                        row.consumerUuid(),
                        row.provider(),
                        row.providerUuid(),
                        row.resourceClass(),
                        row.amount(),
                        state != null ? state : row.state(),
                        managed ? Integer.valueOf(0) : null))
                .forEach(rows::add);
        return List.copyOf(rows.subList(0, Math.min(MOST_ROWS, rows.size())));
    }

    private static boolean isOf(AllocationStatus row, Entry entry) {
        return row.consumerUuid().equals(entry.consumer().toString())
                && entry.uuid().toString().equals(row.providerUuid())
                && row.resourceClass().equals(entry.resourceClass().name());
    }
}
