package io.pciplacement.sync;

import static io.pciplacement.testing.Specs.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.planning.allocation.PlacementConsumer;
import io.pciplacement.planning.claim.Claim;
import io.pciplacement.planning.claim.DeviceRequest;
import io.pciplacement.sync.index.AllocationIndex;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.SyncRequests;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Tests of claims that find no device: no host has one. */
class ClaimExecutorTest {

    private static final Claim CLAIM = new Claim(
            "claim",
            "2026",
            new PlacementConsumer(UUID.randomUUID(), "INSTANCE", "p", "u", false),
            List.of(new DeviceRequest(
                    "one",
                    1,
                    new ResourceClass("CUSTOM_GPU"),
                    -1,
                    -1,
                    null,
                    Set.of(),
                    Set.of(),
                    DeviceRequest.Affinity.LEGACY)),
            false,
            Set.of(),
            null);

    @AutoClose
    private final SingleHostFixture host = new SingleHostFixture();

    private ClaimResult executeClaim(AllocationIndex index) {
        return executeClaim(index, CLAIM);
    }

    private ClaimResult executeClaim(AllocationIndex index, Claim claim) {
        index.registerObject("claim", "uid", Optional.empty(), false);
        index.putAllocation(claim.toDesiredAllocation(List.of()));
        return host.sync.executeClaim(new ClaimRequest(
                claim,
                "uid",
                1,
                index,
                AllocationRecordStore.readOnly(AllocationRecord.NONE),
                () -> Stream.of("gpu-07", "gpu-08")));
    }

    private String messageOf(Claim claim) {
        return ((AllocationSyncResult.Evaluated)
                        executeClaim(new AllocationIndex(), claim).syncResult())
                .decision()
                .findProblem()
                .orElseThrow()
                .message();
    }

    /** Until then another host may have the devices: which one comes closest is not known. */
    @Test
    void problemDoesNotNameNearestHostBeforeAllHostsAreRead() {
        host.sync.syncHost(SingleHostFixture.request(SingleHostFixture.plainDevices(2), SingleHostFixture.PLAIN_SPEC));
        assertThat(messageOf(CLAIM))
                .contains("some hosts have not been read yet")
                .doesNotContain("gpu-07", " 0 of ");
        assertThat(messageOf(CLAIM.restrictedTo("gpu-08"))).contains("some hosts have not been read yet");
        // The claim does not depend on the other host.
        assertThat(messageOf(CLAIM.restrictedTo("gpu-07"))).contains("gpu-07 has 0 of 1 device free");
        host.sync.syncHost(SyncRequests.request(
                "gpu-08", SingleHostFixture.plainDevices(1), List.of(SingleHostFixture.PLAIN_SPEC)));
        assertThat(messageOf(CLAIM)).contains("gpu-07 has 0 of 1 device free");
    }

    /** Its providers stay in Placement (onDelete: Retain), but no object manages them any more. */
    @Test
    void deviceOfADeletedHostIsNotGranted() {
        DeviceSpec gpus = spec("gpus").product(Devices.PCI).as("gpu").build();
        host.sync.syncHost(SingleHostFixture.request(SingleHostFixture.plainDevices(2), gpus));
        host.sync.syncHost(SyncRequests.request("gpu-08", SingleHostFixture.plainDevices(2), List.of(gpus)));
        host.sync.retainHosts("gpu-08"::equals);
        assertThat(messageOf(CLAIM.restrictedTo("gpu-07"))).contains("some hosts have not been read yet");
        AllocationIndex index = new AllocationIndex();
        executeClaim(index, CLAIM);
        assertThat(index.findGrant("claim").orElseThrow().grants())
                .extracting(grant -> grant.device().node())
                .containsExactly("gpu-08");
    }

    @Test
    void claimWithoutCapacityIsPending() {
        AllocationIndex index = new AllocationIndex();
        ClaimResult result = executeClaim(index);
        assertThat(((AllocationSyncResult.Evaluated) result.syncResult())
                        .decision()
                        .findProblem())
                .containsInstanceOf(AllocationProblem.InsufficientDevices.class);
        assertThat(result.affected().allocations()).isEmpty();
        assertThat(index.pendingClaims()).containsExactly("claim");
    }

    /** The change triggers only the claims that were pending before. */
    @Test
    void claimIsRetriedIfCapacityBecomesAvailableDuringIt() {
        AllocationIndex index = new AllocationIndex() {
            @Override
            public synchronized List<Claim> olderClaims(Claim claim) {
                onCapacityFreed();
                return super.olderClaims(claim);
            }
        };
        assertThat(executeClaim(index).affected().allocations()).containsExactly("claim");
    }

    @Test
    void claimOfReleasedObjectIsNotExecuted() {
        AllocationIndex index = new AllocationIndex();
        index.markReleasing("uid");
        assertThat(executeClaim(index).syncResult()).isInstanceOf(AllocationSyncResult.Deferred.class);
        assertThat(index.pendingClaims()).isEmpty();
    }
}
