package io.pciplacement.sync;

import static io.pciplacement.sync.AllocationSyncFixture.DEVICES;
import static io.pciplacement.sync.AllocationSyncFixture.ONE;
import static io.pciplacement.sync.AllocationSyncFixture.TWO;
import static io.pciplacement.sync.AllocationSyncFixture.VF;
import static io.pciplacement.testing.Specs.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.placement.Inventory;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.allocation.AllocationDecision.Update;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.SyncRequests;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An object gets or releases devices while the same process writes the inventory of the device's provider. */
class ConcurrentWritesTest {

    @AutoClose
    private final AllocationSyncFixture cloud = new AllocationSyncFixture();

    @BeforeEach
    void allocateOneDevice() {
        assertThat(cloud.syncDecision(cloud.request(false, ONE))).isInstanceOf(Update.class);
    }

    private void allocateSecondDevice() {
        assertThat(cloud.syncDecision(cloud.request(false, ONE, TWO))).isInstanceOf(Update.class);
    }

    /** The spec has been deleted: the inventory is reduced to the units in use. */
    private ProviderDecision syncWithoutSpec() {
        HostSyncResult.Synced synced =
                (HostSyncResult.Synced) cloud.sync.syncHost(SyncRequests.request("gpu-07", DEVICES, List.of()));
        return synced.providers().getFirst().decision();
    }

    @Test
    void inventoryIsNotReducedBelowTheUnitsThatWereAllocatedAfterThePlan() {
        cloud.placement.afterNext("PUT /traits", this::allocateSecondDevice);
        HostSyncResult.Synced synced = (HostSyncResult.Synced) cloud.sync.syncHost(SyncRequests.request(
                "gpu-07",
                new Devices().pfWithVfs(2, 1).build(),
                List.of(spec("vfs")
                        .address("0000:81:*", DeviceType.VF)
                        .traits("fast")
                        .build())));
        ProviderDecision decision = synced.providers().getFirst().decision();
        assertThat(decision.state()).isEqualTo(ProviderDecision.State.HELD);
        assertThat(decision.used()).isEqualTo(2);
        assertThat(cloud.placement.getInventories(cloud.pfProvider()).byClass()).containsEntry(VF, Inventory.of(2, 0));
    }

    @Test
    void releaseDuringTheWriteStaysKnown() {
        cloud.placement.afterNext("PUT inventories", () -> cloud.releaseAllocation(ONE));
        assertThat(syncWithoutSpec().used()).as("as planned").isEqualTo(1);
        assertThat(cloud.placement.consumers()).isEmpty();
        assertThat(syncWithoutSpec().used()).isZero();
    }
}
