package io.pciplacement.sync.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.DeviceRef;
import io.pciplacement.planning.allocation.PlacementConsumer;
import io.pciplacement.planning.claim.Claim;
import io.pciplacement.planning.claim.DeviceAssignment;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class AllocationIndexTest {

    private static final UUID CONSUMER = new UUID(0, 7);

    private final AllocationIndex index = new AllocationIndex();

    private DesiredAllocation putAllocation(String name, String since, String project) {
        DesiredAllocation desired = new DesiredAllocation(
                name, since, new PlacementConsumer(CONSUMER, "INSTANCE", project, "user", false), List.of());
        index.putAllocation(desired);
        index.registerObject(name, "uid-" + name, Optional.empty(), false);
        return desired;
    }

    @Test
    void consumerBelongsToOldestObject() {
        DesiredAllocation first = putAllocation("first", "2026-01-01T00:00:00Z", "project");
        DesiredAllocation second = putAllocation("second", "2026-01-02T00:00:00Z", "project");
        assertThat(index.findDuplicateConsumer(first)).isEmpty();
        assertThat(index.findDuplicateConsumer(second))
                .contains(new AllocationProblem.DuplicateConsumer("first", CONSUMER));
    }

    /** Otherwise two younger objects would both own the consumer and overwrite each other forever. */
    @Test
    void ignoresOlderObjectWithMismatchingConsumer() {
        putAllocation("mismatching", "2026-01-01T00:00:00Z", "another project");
        DesiredAllocation first = putAllocation("first", "2026-01-02T00:00:00Z", "project");
        DesiredAllocation second = putAllocation("second", "2026-01-03T00:00:00Z", "project");
        assertThat(index.findDuplicateConsumer(first))
                .contains(new AllocationProblem.DuplicateConsumer("mismatching", CONSUMER));
        index.setProblem("mismatching", new AllocationProblem.ForeignConsumer(CONSUMER, List.of("project")));
        assertThat(index.findDuplicateConsumer(first)).isEmpty();
        assertThat(index.findDuplicateConsumer(second))
                .contains(new AllocationProblem.DuplicateConsumer("first", CONSUMER));
    }

    /** A claim is executed while its object is deleted, which is possible without a finalizer. */
    @Test
    void ignoresGrantForDeletedObject() {
        DeviceRef device = new DeviceRef("node", new PciAddress(0, 0x81, 0, 0));
        DesiredAllocation deleted = putAllocation("deleted", "2026-01-01T00:00:00Z", "project");
        AllocationIndex.DeviceGrant granted =
                new AllocationIndex.DeviceGrant(1, List.of(new DeviceAssignment("gpu", device)));
        index.removeAllocation("deleted");
        index.recordGrant(deleted.withDevices(List.of(device)), "uid-deleted", granted);
        assertThat(index.devicesHeldByOthers("node", "another")).isEmpty();

        index.putAllocation(deleted);
        index.registerObject("deleted", "uid-recreated", Optional.empty(), false);
        index.recordGrant(deleted.withDevices(List.of(device)), "uid-deleted", granted);
        assertThat(index.devicesHeldByOthers("node", "another")).isEmpty();

        index.recordGrant(deleted.withDevices(List.of(device)), "uid-recreated", granted);
        assertThat(index.devicesHeldByOthers("node", "another")).containsExactly(device.address());
    }

    private static AllocationIndex.PendingClaim pendingClaim(DesiredAllocation object, boolean blockedByOlder) {
        Claim claim = new Claim(object.name(), object.createdAt(), object.consumer(), List.of(), false, Set.of(), null);
        return new AllocationIndex.PendingClaim(claim, blockedByOlder);
    }

    /** The change triggers only the claims that were pending before. */
    @Test
    void claimIsRetriedIfCapacityBecameAvailableDuringIt() {
        DesiredAllocation object = putAllocation("claim", "2026-01-01T00:00:00Z", "project");
        ClaimRevisions before = index.claimRevisions();
        assertThat(index.setPending("claim", pendingClaim(object, false), before))
                .isEmpty();
        index.onCapacityFreed();
        assertThat(index.setPending("claim", pendingClaim(object, false), before))
                .containsExactly("claim");
        assertThat(index.setPending("claim", null, before)).as("it was granted").isEmpty();
    }

    @Test
    void claimIsRetriedIfOlderClaimEndedDuringItOnlyIfThatBlocksIt() {
        DesiredAllocation object = putAllocation("claim", "2026-01-01T00:00:00Z", "project");
        ClaimRevisions before = index.claimRevisions();
        index.revisitBlockedClaims();
        assertThat(index.setPending("claim", pendingClaim(object, false), before))
                .isEmpty();
        assertThat(index.setPending("claim", pendingClaim(object, true), before))
                .containsExactly("claim");
    }
}
