package io.pciplacement.sync;

import static io.pciplacement.sync.SingleHostFixture.PLAIN;
import static io.pciplacement.sync.SingleHostFixture.PLAIN_SPEC;
import static io.pciplacement.sync.SingleHostFixture.plainDevices;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.HostAttachments;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.AdoptionContext;
import io.pciplacement.planning.AllocatedDevices;
import io.pciplacement.planning.allocation.AllocationDecision;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.DeviceRef;
import io.pciplacement.planning.allocation.PlacementConsumer;
import io.pciplacement.planning.reservation.ReservationPolicy;
import io.pciplacement.sync.host.HostRecord;
import io.pciplacement.sync.host.HostSyncRequest;
import io.pciplacement.sync.reservation.ReservationRecordStore;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.FakePlacement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Tests of the allocations of Nova's servers on a host with {@code reporting: Nova} and two equal devices. The test
 * acts as nova-compute, which allocates the devices that it has assigned.
 */
class NovaServerAllocationTest {

    private static final UUID SERVER = UUID.randomUUID();
    private static final UUID ROOT = UUID.randomUUID();
    private static final UUID FIRST = UUID.randomUUID();
    private static final UUID SECOND = UUID.randomUUID();
    private static final String FIRST_ADDRESS = "0000:00:00.0";
    private static final String SECOND_ADDRESS = "0000:00:01.0";

    private final ExecutorService pool = Executors.newFixedThreadPool(2);
    private final FakePlacement placement = new FakePlacement();
    private Instant now = Instant.EPOCH;
    private final PlacementSync sync = new PlacementSync(placement, OwnershipTraits.DEFAULT, pool, () -> now);

    @BeforeEach
    void createProviders() {
        sync.runSweep();
        placement.createProvider(ROOT, "gpu-07", Optional.empty());
        placement.createResourceClass(PLAIN);
        createProvider(FIRST, FIRST_ADDRESS);
        createProvider(SECOND, SECOND_ADDRESS);
        sweep();
    }

    @AfterEach
    void stop() {
        pool.shutdownNow();
    }

    private void createProvider(UUID uuid, String address) {
        placement.createProvider(uuid, "gpu-07_" + address, Optional.of(ROOT));
        int generation = placement.putInventories(
                uuid, new ProviderInventories(0, new TreeMap<>(Map.of(PLAIN, Inventory.of(1, 0)))));
        TreeSet<Trait> traits = new TreeSet<>(
                List.of(new Trait("CUSTOM_PCI_PLACEMENT_OPERATOR"), Trait.MANAGED_PCI_DEVICE, Trait.OWNER_NOVA));
        traits.forEach(placement::createTrait);
        placement.putTraits(uuid, new ProviderTraits(generation, traits));
    }

    /** Reads what nova-compute has changed. */
    private void sweep() {
        sync.runSweep();
        sync.syncHost(new HostSyncRequest(
                "gpu-07",
                "gpu-07",
                false,
                HostSyncRequest.WriteScope.RESERVATIONS,
                null,
                plainDevices(2),
                List.of(PLAIN_SPEC),
                HostRecord.NONE,
                AllocatedDevices.NONE,
                AdoptionContext.Mode.NONE,
                HostAttachments.UNKNOWN,
                ReservationPolicy.NONE,
                ReservationRecordStore.READ_ONLY));
        placement.requests.clear();
    }

    /** nova-compute allocates devices to the server. */
    private void allocate(UUID... providers) {
        Map<UUID, Map<ResourceClass, Integer>> resources = new TreeMap<>();
        Stream.of(providers).forEach(provider -> resources.put(provider, Map.of(PLAIN, 1)));
        Integer generation = placement.getAllocation(SERVER).generation();
        placement.putAllocations(Map.of(SERVER, new Allocation(resources, "p", "u", generation, "INSTANCE")));
        sweep();
    }

    private AllocationDecision syncAllocation(String... addresses) {
        DesiredAllocation desired = new DesiredAllocation(
                "server",
                "2026",
                new PlacementConsumer(SERVER, "INSTANCE", "p", "u", true),
                Stream.of(addresses)
                        .map(address -> new DeviceRef("gpu-07", Devices.at(address)))
                        .toList());
        AllocationSyncResult result = sync.syncAllocation(new AllocationSyncRequest(
                desired,
                () -> true,
                "gpu-07"::equals,
                device -> Optional.empty(),
                SERVER::equals,
                server -> Map.of(),
                AllocationSyncRequest.Acceptance.ACCEPTED,
                false,
                AllocationRecordStore.readOnly(AllocationRecord.NONE)));
        return ((AllocationSyncResult.Evaluated) result).decision();
    }

    private void assertAllocated(UUID... providers) {
        assertThat(placement.getAllocation(SERVER).resources().keySet()).containsExactlyInAnyOrder(providers);
    }

    private void assertMismatch(AllocationDecision decision, String... parts) {
        assertThat(decision).isInstanceOf(AllocationDecision.Blocked.class);
        AllocationProblem problem = decision.findProblem().orElseThrow();
        assertThat(problem.reason()).isEqualTo("DeviceMismatch");
        assertThat(problem.message()).contains(parts);
        assertThat(placement.requests).allMatch(request -> request.startsWith("GET"));
    }

    /** Otherwise nova-compute would allocate the first one again, and the server would have both. */
    @Test
    void deviceIsNotAllocatedInsteadOfTheOneThatNovaHasAllocated() {
        allocate(FIRST);
        assertMismatch(
                syncAllocation(SECOND_ADDRESS),
                "1 CUSTOM_PCI_8086_1533 of gpu-07_0000:00:00.0 instead of 1 CUSTOM_PCI_8086_1533 of gpu-07_0000:00:01.0",
                "Set spec.devices");
        assertAllocated(FIRST);
    }

    /** After a cold migration, the server has the device that the scheduler chose and the one that it really got. */
    @Test
    void unitThatNovaHasLeftIsRemoved() {
        allocate(FIRST, SECOND);
        assertThat(syncAllocation(SECOND_ADDRESS)).isInstanceOf(AllocationDecision.Update.class);
        assertAllocated(SECOND);
        sweep();
        assertThat(syncAllocation(SECOND_ADDRESS)).isInstanceOf(AllocationDecision.InSync.class);
    }

    @Test
    void unitThatNovaAllocatesAgainIsRemovedTwiceOnly() {
        allocate(FIRST, SECOND);
        for (int removal = 0; removal < 2; removal++) {
            assertThat(syncAllocation(SECOND_ADDRESS)).isInstanceOf(AllocationDecision.Update.class);
            assertAllocated(SECOND);
            allocate(FIRST, SECOND);
        }
        for (int sweep = 0; sweep < 2; sweep++) {
            assertMismatch(
                    syncAllocation(SECOND_ADDRESS),
                    "1 CUSTOM_PCI_8086_1533 of gpu-07_0000:00:00.0. The operator has removed them twice");
            sweep();
        }
        assertAllocated(FIRST, SECOND);
        assertThat(syncAllocation(FIRST_ADDRESS, SECOND_ADDRESS)).isInstanceOf(AllocationDecision.InSync.class);
    }

    @Test
    void unitsThatAreAllocatedAgainMuchLaterAreRemoved() {
        allocate(FIRST, SECOND);
        for (int removal = 0; removal < 4; removal++) {
            assertThat(syncAllocation(SECOND_ADDRESS)).isInstanceOf(AllocationDecision.Update.class);
            now = now.plus(Duration.ofHours(2));
            allocate(FIRST, SECOND);
        }
    }
}
