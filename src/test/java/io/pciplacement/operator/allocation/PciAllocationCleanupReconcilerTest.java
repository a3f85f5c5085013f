package io.pciplacement.operator.allocation;

import static io.pciplacement.operator.allocation.AllocationFixture.CONSUMER;
import static io.pciplacement.testing.Specs.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.ManagedBy;
import io.pciplacement.api.v1alpha1.PciAllocationStatus;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.event.HostEventSource;
import io.pciplacement.operator.status.StatusPatcher;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.sync.PlacementSync;
import io.pciplacement.sync.index.AllocationIndex;
import io.pciplacement.testing.CleanupContext;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.FakePlacement;
import io.pciplacement.testing.SyncRequests;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests what the deletion of a PciAllocation releases if no record shows what was written for it, as after a restore
 * without status: the consumer's allocation, which is exactly the device of the object.
 */
class PciAllocationCleanupReconcilerTest {

    private static final ResourceClass PCI = new ResourceClass("CUSTOM_PCI_8086_1533");

    @AutoClose("shutdownNow")
    private final ExecutorService pool = Executors.newFixedThreadPool(1);

    private final FakePlacement placement = new FakePlacement();
    private final AllocationIndex index = new AllocationIndex();
    private final List<String> triggeredHosts = new ArrayList<>();
    private PciAllocationCleanupReconciler reconciler;

    @BeforeEach
    void allocateDevice() {
        PlacementSync sync = new PlacementSync(placement, OwnershipTraits.DEFAULT, pool);
        sync.runSweep();
        sync.syncHost(SyncRequests.request(
                "gpu-07",
                new Devices().plain(0).build(),
                List.of(spec("plain").product(Devices.PCI).build())));
        UUID provider = placement.uuid(AllocationFixture.FIRST).orElseThrow();
        placement.putAllocations(Map.of(
                CONSUMER, new Allocation(Map.of(provider, Map.of(PCI, 1)), "project", "user", null, "INSTANCE")));
        ClusterCache cluster = new ClusterCache(null, null) {
            @Override
            public boolean hasHost(String name) {
                return name.equals("gpu-07");
            }
        };
        HostEventSource hostEventSource = new HostEventSource() {
            @Override
            public void trigger(String host) {
                triggeredHosts.add(host);
            }
        };
        StatusPatcher statusPatcher = new StatusPatcher(null, null);
        reconciler = new PciAllocationCleanupReconciler(
                cluster,
                index,
                sync,
                hostEventSource,
                statusPatcher,
                new AllocationStatusPublisher(new ClusterCache(null, null), null, statusPatcher, null, null));
    }

    private static PciAllocation object(PciAllocationStatus status) {
        PciAllocation object = AllocationFixture.allocation(ManagedBy.OPERATOR, status);
        object.getMetadata().setCreationTimestamp("2026-01-02T00:00:00Z");
        // The deletion increases the generation.
        object.getMetadata().setDeletionTimestamp("2026-01-03T00:00:00Z");
        object.getMetadata().setGeneration(object.getMetadata().getGeneration() + 1);
        return object;
    }

    /** The status of an object that was not accepted. */
    private static PciAllocationStatus rejected(PciAllocationStatus.AllocationStatus... rows) {
        PciAllocationStatus status = AllocationFixture.status(4L, null, rows);
        return new PciAllocationStatus(
                status.observedGeneration(),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                status.allocations(),
                List.of(new ConditionBuilder()
                        .withType(ConditionType.ACCEPTED)
                        .withStatus("False")
                        .withReason("DeviceAlreadyAllocated")
                        .build()));
    }

    private void deleteObject(PciAllocation object) {
        index.registerObject(
                "server", "uid", PciAllocationMapper.rejectionReason(object), PciAllocationMapper.hasAmounts(object));
        index.putAllocation(PciAllocationMapper.toDesiredAllocation(object));
        CleanupContext<PciAllocation> cleanup = new CleanupContext<>(object);
        DeleteControl control = reconciler.cleanup(object, cleanup.context());
        assertThat(cleanup.isFinalizerRemoved()).isTrue();
        assertThat(control.isRemoveFinalizer()).as("left to java-operator-sdk").isFalse();
        assertThat(index.isReleasing("uid")).isTrue();
    }

    @Test
    void releasesTheAllocationThatMatchesTheObject() {
        deleteObject(object(null));
        assertThat(placement.consumers()).isEmpty();
        assertThat(triggeredHosts).containsExactly("gpu-07");
    }

    @Test
    void releasesNothingForARejectedObject() {
        deleteObject(object(rejected()));
        assertThat(placement.consumers()).containsOnlyKeys(CONSUMER);
        assertThat(triggeredHosts).isEmpty();
    }

    /** It was accepted when its devices were allocated. */
    @Test
    void releasesTheAllocationOfAnObjectThatWasRejectedLater() {
        deleteObject(object(rejected(AllocationFixture.row(AllocationFixture.FIRST, 1, null, null))));
        assertThat(placement.consumers()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void allocationBelongsToTheOlderObjectIfThatHasOne(boolean hasAmounts) {
        DesiredAllocation desired = PciAllocationMapper.toDesiredAllocation(object(null));
        index.registerObject("older", "uid-older", Optional.empty(), hasAmounts);
        index.putAllocation(new DesiredAllocation("older", "2026-01-01T00:00:00Z", desired.consumer(), List.of()));
        deleteObject(object(null));
        assertThat(placement.consumers().containsKey(CONSUMER)).isEqualTo(hasAmounts);
    }

    @Test
    void allocationDoesNotBelongToAYoungerObject() {
        DesiredAllocation desired = PciAllocationMapper.toDesiredAllocation(object(null));
        index.registerObject("younger", "uid-younger", Optional.empty(), true);
        index.putAllocation(new DesiredAllocation("younger", "2026-01-03T00:00:00Z", desired.consumer(), List.of()));
        deleteObject(object(null));
        assertThat(placement.consumers()).isEmpty();
    }
}
