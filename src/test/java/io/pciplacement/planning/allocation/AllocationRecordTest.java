package io.pciplacement.planning.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.ResourceClass;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Test of what a record releases. */
class AllocationRecordTest {

    private static final UUID CONSUMER = new UUID(0, 1);
    private static final UUID PROVIDER = new UUID(1, 1);
    private static final ResourceClass VF = new ResourceClass("CUSTOM_VF");

    /** Units of other clients stay: those that the consumer had before, and those that were added since. */
    @ParameterizedTest
    @CsvSource({"2, 1, 2, 1", "2, 1, 1, 1", "2, 1, 4, 3", "2, 2, 2, 0", "2, 2, 1, 0", "3, 1, 2, 2"})
    void releasesWrittenUnitsOnly(int amount, int written, int found, int remaining) {
        AllocationRecord record = new AllocationRecord(
                List.of(new AllocationRecord.Entry(CONSUMER, "provider", PROVIDER, VF, amount, written)));
        Allocation allocation = new Allocation(Map.of(PROVIDER, Map.of(VF, found)), "project", "user", 1, "INSTANCE");
        assertThat(record.releasedAllocation(CONSUMER, allocation).resources())
                .isEqualTo(remaining == 0 ? Map.of() : Map.of(PROVIDER, Map.of(VF, remaining)));
        assertThat(record.releasedAllocation(new UUID(0, 2), allocation)).isEqualTo(allocation);
    }
}
