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

/** Mapper from the record of written amounts to {@code status.allocations}. */
final class RecordedAmounts {

    /** Limit of the CRD. */
    private static final int MAX_ROWS = 128;

    private final List<AllocationStatus> before;
    private final AllocationRecord record;
    private final boolean managed;

    private RecordedAmounts(List<AllocationStatus> before, AllocationRecord record, boolean managed) {
        this.before = before;
        this.record = record;
        this.managed = managed;
    }

    /** For the current status of an object and its record. */
    static RecordedAmounts of(PciAllocation object, AllocationRecord record) {
        PciAllocationStatus status = object.getStatus();
        return new RecordedAmounts(
                Objects.requireNonNullElse(status == null ? null : status.allocations(), List.of()),
                record,
                PciAllocationMapper.isOperatorManaged(object));
    }

    /** Copy of a status with these rows. */
    PciAllocationStatus applyTo(@Nullable PciAllocationStatus status) {
        List<AllocationStatus> rows = toRows(null);
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
     * The rows of the record, and the previous rows that are not in it.
     *
     * @param state state of all rows; null if each keeps its own
     */
    List<AllocationStatus> toRows(PciAllocationStatus.@Nullable AllocationState state) {
        List<AllocationStatus> rows = new ArrayList<>();
        for (Entry entry : record.entries()) {
            PciAllocationStatus.AllocationState previousState = before.stream()
                    .filter(row -> matchesEntry(row, entry))
                    .map(AllocationStatus::state)
                    .filter(Objects::nonNull)
                    .findFirst()
                    .orElse(PciAllocationStatus.AllocationState.MISSING);
            rows.add(new AllocationStatus(
                    entry.consumer().toString(),
                    entry.provider(),
                    entry.providerUuid().toString(),
                    entry.resourceClass().name(),
                    entry.amount(),
                    state != null ? state : previousState,
                    entry.written()));
        }
        before.stream()
                .filter(row -> record.entries().stream().noneMatch(entry -> matchesEntry(row, entry)))
                .map(row -> new AllocationStatus(
                        row.consumerUuid(),
                        row.provider(),
                        row.providerUuid(),
                        row.resourceClass(),
                        row.amount(),
                        state != null ? state : row.state(),
                        managed ? Integer.valueOf(0) : null))
                .forEach(rows::add);
        return List.copyOf(rows.subList(0, Math.min(MAX_ROWS, rows.size())));
    }

    private static boolean matchesEntry(AllocationStatus row, Entry entry) {
        return row.consumerUuid().equals(entry.consumer().toString())
                && entry.providerUuid().toString().equals(row.providerUuid())
                && row.resourceClass().equals(entry.resourceClass().name());
    }
}
