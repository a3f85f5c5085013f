package io.pciplacement.sync;

import static io.pciplacement.sync.SingleHostFixture.PLAIN;
import static io.pciplacement.sync.SingleHostFixture.plainDevices;
import static io.pciplacement.testing.Specs.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.AttachedServer;
import io.pciplacement.pci.AttachmentKind;
import io.pciplacement.pci.HostAttachments;
import io.pciplacement.pci.HostAttachments.Knowledge;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Inventory;
import io.pciplacement.planning.AdoptionContext;
import io.pciplacement.planning.AllocatedDevices;
import io.pciplacement.planning.CleaningRecord;
import io.pciplacement.planning.DeviceIdentities;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.UncleanedDevice;
import io.pciplacement.planning.reservation.ReservationPolicy;
import io.pciplacement.sync.host.HostRecord;
import io.pciplacement.sync.host.HostSyncRequest;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.reservation.ReservationRecordStore;
import io.pciplacement.testing.Devices;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A one-time-use device that libvirt has attached to a server was used, whether or not Placement has an allocation. */
class AttachedDeviceSyncTest {

    private static final PciAddress GPU = Devices.at("0000:00:00.0");
    private static final DeviceSpec ONCE =
            spec("once").product(Devices.PCI).oneTimeUse().build();
    private static final DeviceSpec REUSED = spec("once").product(Devices.PCI).build();
    private static final HostAttachments DETACHED = new HostAttachments(Knowledge.COMPLETE, List.of());

    private final SingleHostFixture host = new SingleHostFixture();
    private Map<PciAddress, UncleanedDevice> uncleaned = Map.of();
    private Map<PciAddress, String> confirmations = Map.of();

    @AfterEach
    void close() {
        host.close();
    }

    private static HostAttachments attached(Knowledge knowledge) {
        return new HostAttachments(
                knowledge,
                List.of(new AttachedServer(
                        new UUID(0, 1), "web", null, null, false, new TreeMap<>(Map.of(GPU, AttachmentKind.DEVICE)))));
    }

    /** Syncs the host; its status has the record of the previous sync. */
    private HostSyncResult.ProviderResult sync(DeviceSpec spec, HostAttachments attachments) {
        HostSyncResult.Synced synced = host.syncHost(new HostSyncRequest(
                "gpu-07",
                "gpu-07",
                true,
                HostSyncRequest.WriteScope.PROVIDERS,
                null,
                plainDevices(1),
                List.of(spec),
                new HostRecord(
                        Map.of(),
                        DeviceIdentities.NONE,
                        CleaningRecord.of(uncleaned, confirmations),
                        Map.of(),
                        HostRecord.Allocations.NONE,
                        null),
                AllocatedDevices.NONE,
                AdoptionContext.Mode.NONE,
                attachments,
                ReservationPolicy.NONE,
                ReservationRecordStore.READ_ONLY));
        uncleaned = synced.uncleaned();
        return synced.providers().getFirst();
    }

    private Inventory inventory(HostSyncResult.ProviderResult result) {
        return host.placement.getInventories(result.decision().uuid()).byClass().get(PLAIN);
    }

    @ParameterizedTest
    @EnumSource(value = Knowledge.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void attachedDeviceStaysReservedUntilItsCleaning(Knowledge knowledge) {
        assertThat(inventory(sync(ONCE, attached(knowledge)))).isEqualTo(Inventory.of(1, 1));
        confirmations = Map.of(GPU, "while it is attached");
        assertThat(inventory(sync(ONCE, attached(knowledge)))).isEqualTo(Inventory.of(1, 1));
        assertThat(inventory(sync(ONCE, DETACHED)))
                .as("that cleaning was too early")
                .isEqualTo(Inventory.of(1, 1));
        confirmations = Map.of(GPU, "after that");
        assertThat(inventory(sync(ONCE, DETACHED))).isEqualTo(Inventory.of(1, 0));
    }

    @Test
    void deviceThatIsAttachedLaterIsReserved() {
        assertThat(inventory(sync(ONCE, DETACHED))).isEqualTo(Inventory.of(1, 0));
        HostSyncResult.ProviderResult result = sync(ONCE, attached(Knowledge.COMPLETE));
        assertThat(inventory(result)).isEqualTo(Inventory.of(1, 1));
        assertThat(uncleaned).containsOnlyKeys(GPU);
        host.placement.requests.clear();
        sync(ONCE, attached(Knowledge.COMPLETE));
        assertThat(host.placement.requests).noneMatch(request -> !request.startsWith("GET"));
    }

    @Test
    void useIsRecordedOnceIfTheServerHasAnAllocation() {
        HostSyncResult.ProviderResult free = sync(ONCE, DETACHED);
        host.allocate(new UUID(0, 1), free.decision().uuid(), PLAIN);
        host.sync.runSweep();
        sync(ONCE, attached(Knowledge.COMPLETE));
        assertThat(uncleaned).isEqualTo(Map.of(GPU, new UncleanedDevice(null, 0)));
        host.placement.requests.clear();
        assertThat(inventory(sync(ONCE, attached(Knowledge.COMPLETE)))).isEqualTo(Inventory.of(1, 1));
        assertThat(uncleaned).isEqualTo(Map.of(GPU, new UncleanedDevice(null, 0)));
        assertThat(host.placement.requests).noneMatch(request -> !request.startsWith("GET"));
    }

    @Test
    void otherDeviceIsNotReserved() {
        assertThat(inventory(sync(REUSED, attached(Knowledge.COMPLETE)))).isEqualTo(Inventory.of(1, 0));
        assertThat(uncleaned).isEmpty();
    }
}
