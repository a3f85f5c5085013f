package io.pciplacement.cli.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.ManagedBy;
import io.pciplacement.api.v1alpha1.PciAllocationStatus;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.AllocationStatus;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.sync.AllocationSyncResult;
import io.pciplacement.testing.FakePlacement;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Tests that the command rejects the same PciAllocations as the operator, before it reads Placement. */
class StandaloneSyncTest {

    private static final UUID CONSUMER = new UUID(0, 1);
    private static final UUID MIGRATION = new UUID(0, 2);

    private final FakePlacement placement = new FakePlacement();

    private static PciAllocation allocation(String name, int day, String address, AllocationStatus... rows) {
        PciAllocation object = new PciAllocation();
        object.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .withUid("uid-" + name)
                .withCreationTimestamp("2026-01-0%dT00:00:00Z".formatted(day))
                .build());
        object.setSpec(new PciAllocationSpec(
                new PciAllocationSpec.Consumer(CONSUMER.toString(), "INSTANCE", "project", "user", ManagedBy.OPERATOR),
                List.of(new PciAllocationSpec.DeviceRef("gpu-07", address)),
                null,
                null,
                null,
                null,
                null));
        object.setStatus(new PciAllocationStatus(null, null, null, null, null, null, null, null, List.of(rows), null));
        return object;
    }

    /** The problem of the last object. */
    private AllocationProblem problem(PciAllocation... objects) {
        StandaloneSync sync = new StandaloneSync(
                List.of(), Map.of(), List.of(), List.of(objects), placement, OwnershipTraits.DEFAULT);
        placement.requests.clear();
        AllocationSyncResult result = sync.syncAllocation(objects[objects.length - 1]);
        assertThat(placement.requests).isEmpty();
        return ((AllocationSyncResult.Evaluated) result)
                .decision()
                .findProblem()
                .orElseThrow();
    }

    @Test
    void addressMustBeValid() {
        assertThat(problem(allocation("server", 1, "0000:81:ff.0")))
                .isEqualTo(new AllocationProblem.InvalidDevice("gpu-07", "0000:81:ff.0"));
    }

    @Test
    void consumerMustNotBelongToAnOlderObject() {
        assertThat(problem(allocation("older", 1, "0000:81:00.0"), allocation("server", 2, "0000:82:00.0")))
                .isEqualTo(new AllocationProblem.DuplicateConsumer("older", CONSUMER));
    }

    /** Otherwise the units of the migration would never be released. */
    @Test
    void moveMustNotBeRemovedBeforeItsEnd() {
        AllocationStatus ofMigration = new AllocationStatus(
                MIGRATION.toString(),
                "gpu-07_0000:81:00.0",
                new UUID(7, 1).toString(),
                "CUSTOM_GPU",
                1,
                PciAllocationStatus.AllocationState.MISSING,
                1);
        assertThat(problem(allocation("server", 1, "0000:81:00.0", ofMigration)))
                .isEqualTo(new AllocationProblem.MoveRemoved(MIGRATION));
    }
}
