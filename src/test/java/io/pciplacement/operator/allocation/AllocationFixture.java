package io.pciplacement.operator.allocation;

import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.ManagedBy;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.MovePhase;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.MoveType;
import io.pciplacement.api.v1alpha1.PciAllocationStatus;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.AllocationState;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.AllocationStatus;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.Phase;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.allocation.AllocationDelta;
import io.pciplacement.planning.allocation.AllocationRecord;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A PciAllocation with one device, its rows, deltas and record entries. */
final class AllocationFixture {

    static final UUID CONSUMER = new UUID(0, 1);
    static final UUID MIGRATION = new UUID(0, 2);
    static final ResourceClass VF = new ResourceClass("CUSTOM_VF");
    static final String FIRST = "gpu-07_0000:81:00.0";
    static final String SECOND = "gpu-07_0000:82:00.0";
    static final String EARLIER = "2026-01-01T00:00:00Z";

    private AllocationFixture() {}

    static UUID uuid(String provider) {
        return UUID.nameUUIDFromBytes(provider.getBytes(StandardCharsets.UTF_8));
    }

    /** An object that names its device. */
    static PciAllocation allocation(ManagedBy managedBy, @Nullable PciAllocationStatus status) {
        return allocation(managedBy, null, false, status);
    }

    static PciAllocation moving(MovePhase phase, @Nullable PciAllocationStatus status) {
        return allocation(ManagedBy.EXTERNAL, phase, false, status);
    }

    /** An object that requests a device instead of naming it. */
    static PciAllocation claim(ManagedBy managedBy, @Nullable PciAllocationStatus status) {
        return allocation(managedBy, null, true, status);
    }

    private static PciAllocation allocation(
            ManagedBy managedBy, @Nullable MovePhase phase, boolean requests, @Nullable PciAllocationStatus status) {
        PciAllocation object = new PciAllocation();
        object.getMetadata().setName("server");
        object.getMetadata().setUid("uid");
        object.getMetadata().setGeneration(4L);
        object.setSpec(new PciAllocationSpec(
                new PciAllocationSpec.Consumer(CONSUMER.toString(), "INSTANCE", "project", "user", managedBy),
                requests ? null : List.of(new PciAllocationSpec.DeviceRef("gpu-07", "0000:81:00.0")),
                requests
                        ? List.of(
                                new PciAllocationSpec.Request("nic", 1, VF.name(), null, null, null, null, null, null))
                        : null,
                null,
                null,
                null,
                phase == null
                        ? null
                        : new PciAllocationSpec.Move(MoveType.COLD_MIGRATION, MIGRATION.toString(), phase, List.of())));
        object.setStatus(status);
        return object;
    }

    static PciAllocationStatus status(@Nullable Long generation, @Nullable Phase phase, AllocationStatus... rows) {
        return new PciAllocationStatus(
                generation, phase, EARLIER, 7L, EARLIER, null, null, null, List.of(rows), List.of());
    }

    static AllocationDelta delta(String provider, int desired, int actual) {
        return delta(CONSUMER, provider, desired, actual);
    }

    static AllocationDelta delta(UUID consumer, String provider, int desired, int actual) {
        return new AllocationDelta(consumer, provider, uuid(provider), VF, desired, actual);
    }

    static AllocationRecord.Entry entry(String provider, int amount, int written) {
        return new AllocationRecord.Entry(CONSUMER, provider, uuid(provider), VF, amount, written);
    }

    static AllocationStatus row(
            String provider, int amount, @Nullable AllocationState state, @Nullable Integer written) {
        return row(CONSUMER, provider, amount, state, written);
    }

    static AllocationStatus row(
            UUID consumer, String provider, int amount, @Nullable AllocationState state, @Nullable Integer written) {
        return new AllocationStatus(
                consumer.toString(), provider, uuid(provider).toString(), VF.name(), amount, state, written);
    }
}
