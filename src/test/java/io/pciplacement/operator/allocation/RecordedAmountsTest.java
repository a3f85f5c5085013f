package io.pciplacement.operator.allocation;

import static io.pciplacement.operator.allocation.AllocationFixture.FIRST;
import static io.pciplacement.operator.allocation.AllocationFixture.MIGRATION;
import static io.pciplacement.operator.allocation.AllocationFixture.SECOND;
import static io.pciplacement.operator.allocation.AllocationFixture.allocation;
import static io.pciplacement.operator.allocation.AllocationFixture.entry;
import static io.pciplacement.operator.allocation.AllocationFixture.row;
import static io.pciplacement.operator.allocation.AllocationFixture.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.PciAllocationSpec.ManagedBy;
import io.pciplacement.api.v1alpha1.PciAllocationStatus;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.AllocationState;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.AllocationStatus;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.Phase;
import io.pciplacement.planning.allocation.AllocationRecord;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The record of written amounts as rows of a PciAllocation's status. */
class RecordedAmountsTest {

    private static RecordedAmounts amounts(
            ManagedBy managedBy, List<AllocationStatus> before, AllocationRecord.Entry... entries) {
        return RecordedAmounts.of(
                allocation(managedBy, status(4L, Phase.ALLOCATED, before.toArray(AllocationStatus[]::new))),
                new AllocationRecord(List.of(entries)));
    }

    @Test
    void entryBecomesARowWithItsPreviousState() {
        RecordedAmounts amounts = amounts(
                ManagedBy.OPERATOR,
                List.of(row(FIRST, 1, AllocationState.HEALED, 1), row(SECOND, 1, null, null)),
                entry(FIRST, 3, 2),
                entry(SECOND, 1, 1));
        assertThat(amounts.toRows(null))
                .containsExactly(row(FIRST, 3, AllocationState.HEALED, 2), row(SECOND, 1, AllocationState.MISSING, 1));
    }

    @Test
    void entryWithoutARowIsMissing() {
        assertThat(amounts(ManagedBy.OPERATOR, List.of(), entry(FIRST, 1, 1)).toRows(null))
                .containsExactly(row(FIRST, 1, AllocationState.MISSING, 1));
    }

    /** Otherwise a row whose units were not written would be released with the object. */
    @Test
    void rowWithoutAnEntryHasNoWrittenUnits() {
        AllocationStatus other = row(MIGRATION, FIRST, 1, AllocationState.HELD_BY_MIGRATION, 1);
        List<AllocationStatus> before = List.of(row(SECOND, 2, AllocationState.IN_SYNC, 2), other);
        assertThat(amounts(ManagedBy.OPERATOR, before, entry(FIRST, 1, 1)).toRows(null))
                .containsExactly(
                        row(FIRST, 1, AllocationState.MISSING, 1),
                        row(SECOND, 2, AllocationState.IN_SYNC, 0),
                        row(MIGRATION, FIRST, 1, AllocationState.HELD_BY_MIGRATION, 0));
        assertThat(amounts(ManagedBy.EXTERNAL, before).toRows(null))
                .containsExactly(
                        row(SECOND, 2, AllocationState.IN_SYNC, null),
                        row(MIGRATION, FIRST, 1, AllocationState.HELD_BY_MIGRATION, null));
    }

    @Test
    void stateReplacesThatOfAllRows() {
        assertThat(amounts(ManagedBy.OPERATOR, List.of(row(SECOND, 2, AllocationState.IN_SYNC, 2)), entry(FIRST, 1, 1))
                        .toRows(AllocationState.BLOCKED))
                .containsExactly(row(FIRST, 1, AllocationState.BLOCKED, 1), row(SECOND, 2, AllocationState.BLOCKED, 0));
    }

    /** The CRD limits the rows; those of the record are needed for the release. */
    @Test
    void recordPrecedesOtherRowsIfThereAreTooMany() {
        List<AllocationStatus> before = IntStream.range(0, 128)
                .mapToObj(i -> row("p" + i, 1, AllocationState.IN_SYNC, 1))
                .toList();
        assertThat(amounts(ManagedBy.OPERATOR, before, entry(FIRST, 1, 1)).toRows(null))
                .hasSize(128)
                .startsWith(row(FIRST, 1, AllocationState.MISSING, 1))
                .doesNotContain(row("p127", 1, AllocationState.IN_SYNC, 0));
    }

    @Test
    void onlyTheRowsOfAStatusAreReplaced() {
        RecordedAmounts amounts = amounts(ManagedBy.OPERATOR, List.of(), entry(FIRST, 1, 1));
        List<AllocationStatus> rows = List.of(row(FIRST, 1, AllocationState.MISSING, 1));
        assertThat(amounts.applyTo(null))
                .isEqualTo(new PciAllocationStatus(null, null, null, null, null, null, null, null, rows, null));
        PciAllocationStatus status = new PciAllocationStatus(
                4L,
                Phase.ALLOCATED,
                "sync",
                7L,
                "heal",
                new PciAllocationStatus.Summary(1),
                List.of(new PciAllocationStatus.AllocatedDevice("gpu-07", "0000:81:00.0", "nic")),
                3L,
                List.of(row(SECOND, 1, AllocationState.IN_SYNC, 1)),
                List.of());
        assertThat(amounts.applyTo(status))
                .isEqualTo(new PciAllocationStatus(
                        4L,
                        Phase.ALLOCATED,
                        "sync",
                        7L,
                        "heal",
                        status.summary(),
                        status.devices(),
                        3L,
                        rows,
                        List.of()));
    }

    @Test
    void objectWithoutStatusHasTheRowsOfTheRecord() {
        assertThat(RecordedAmounts.of(
                                allocation(ManagedBy.OPERATOR, null), new AllocationRecord(List.of(entry(FIRST, 1, 1))))
                        .toRows(null))
                .containsExactly(row(FIRST, 1, AllocationState.MISSING, 1));
    }
}
