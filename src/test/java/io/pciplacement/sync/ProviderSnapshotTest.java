package io.pciplacement.sync;

import static io.pciplacement.sync.SingleHostFixture.PLAIN;
import static io.pciplacement.sync.SingleHostFixture.PLAIN_SPEC;
import static io.pciplacement.sync.SingleHostFixture.plainDevices;
import static io.pciplacement.sync.SingleHostFixture.request;
import static io.pciplacement.sync.SingleHostFixture.requestWithRecord;
import static io.pciplacement.sync.SingleHostFixture.requestWithSnapshots;
import static io.pciplacement.sync.SingleHostFixture.snapshots;
import static io.pciplacement.testing.Specs.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.CleaningRecord;
import io.pciplacement.planning.DeviceIdentities;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.DeviceRef;
import io.pciplacement.planning.allocation.PlacementConsumer;
import io.pciplacement.sync.host.HostRecord;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.FakePlacement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Tests of the state that a host's status persists for the next operator process. */
class ProviderSnapshotTest {

    @AutoClose
    private final SingleHostFixture host = new SingleHostFixture();

    private final FakePlacement placement = host.placement;

    /** Only changed providers and the allocations of used ones are read: deleted allocations leave no trace. */
    @Test
    void restartNeedsFewRequests() {
        host.syncHost(request(plainDevices(20), PLAIN_SPEC));
        UUID consumer = host.allocatePlain("0000:00:03.0");
        host.sync.runSweep();
        HostSyncResult.Synced before = host.syncHost(request(plainDevices(20), PLAIN_SPEC));
        Map<String, String> right = placement.tree();
        UUID changed = placement.uuid("gpu-07_0000:00:05.0").orElseThrow();
        placement.putTraits(
                changed,
                new ProviderTraits(
                        placement.getTraits(changed).generation(), new TreeSet<>(Set.of(Trait.OPERATOR_MANAGED))));

        host.restart(OwnershipTraits.DEFAULT);
        placement.requests.clear();
        host.syncHost(requestWithSnapshots(before, plainDevices(20), PLAIN_SPEC));
        assertThat(placement.requests)
                .containsExactlyInAnyOrder(
                        "GET /resource_providers?required",
                        "GET allocations of provider",
                        "GET inventories",
                        "GET traits",
                        "GET allocations of provider",
                        "PUT traits");
        assertThat(placement.tree()).isEqualTo(right);
        assertThat(host.sync.consumersBelow(before.root())).containsExactly(consumer);
    }

    /** Recorded allocations replace the read of a used provider only if they are those of the recorded generation. */
    @Test
    void recordedAllocationsAreUsedIfTheyMatchTheDigest() {
        UUID consumer = UUID.randomUUID();
        HostSyncResult.Synced before = syncWithAllocation(consumer);
        Map<UUID, Map<ResourceClass, Integer>> allocated = Map.of(consumer, Map.of(PLAIN, 1));

        assertThat(requestsAfterRestart(before, allocated)).containsExactly("GET /resource_providers?required");
        assertThat(host.sync.consumersBelow(before.root())).containsExactly(consumer);
        assertThat(requestsAfterRestart(before, Map.of(UUID.randomUUID(), Map.of(PLAIN, 1))))
                .containsExactly("GET /resource_providers?required", "GET allocations of provider");
        assertThat(host.sync.consumersBelow(before.root())).containsExactly(consumer);
        assertThat(requestsAfterRestart(before, Map.of()))
                .containsExactly("GET /resource_providers?required", "GET allocations of provider");
    }

    /** It leaves no trace in the generation, so a restored allocation is read by a later sweep. */
    @Test
    void deletedAllocationIsNoticedByTheNextSweep() {
        UUID consumer = UUID.randomUUID();
        HostSyncResult.Synced before = syncWithAllocation(consumer);
        placement.deleteAllocations(consumer);

        requestsAfterRestart(before, Map.of(consumer, Map.of(PLAIN, 1)));
        assertThat(host.sync.runSweep().nodes()).containsExactly("gpu-07");
        assertThat(host.sync.consumersBelow(before.root())).isEmpty();
    }

    private HostSyncResult.Synced syncWithAllocation(UUID consumer) {
        host.syncHost(request(plainDevices(2), PLAIN_SPEC));
        host.allocate(consumer, placement.uuid("gpu-07_0000:00:01.0").orElseThrow(), PLAIN);
        host.sync.runSweep();
        return host.syncHost(request(plainDevices(2), PLAIN_SPEC));
    }

    private List<String> requestsAfterRestart(
            HostSyncResult.Synced before, Map<UUID, Map<ResourceClass, Integer>> recorded) {
        host.restart(OwnershipTraits.DEFAULT);
        placement.requests.clear();
        host.syncHost(requestWithRecord(
                new HostRecord(
                        snapshots(before),
                        DeviceIdentities.NONE,
                        CleaningRecord.NONE,
                        Map.of(),
                        provider -> provider.name().equals("gpu-07_0000:00:01.0") ? recorded : Map.of(),
                        null),
                plainDevices(2),
                PLAIN_SPEC));
        return List.copyOf(placement.requests);
    }

    /** A device is allocated while its host is written; its snapshot must not show it as free. */
    @Test
    void detectsAllocationDuringRestart() {
        host.syncHost(request(plainDevices(2), PLAIN_SPEC));
        UUID server = UUID.randomUUID();
        placement.before = name -> {
            if (name.equals("PUT traits")) {
                placement.before = any -> {};
                host.sync.syncAllocation(new AllocationSyncRequest(
                        new DesiredAllocation(
                                "server",
                                "2026",
                                new PlacementConsumer(server, "INSTANCE", "project", "user", false),
                                List.of(new DeviceRef("gpu-07", Devices.at("0000:00:01.0")))),
                        () -> true,
                        "gpu-07"::equals,
                        device -> Optional.empty(),
                        server::equals,
                        consumer -> Map.of(),
                        AllocationSyncRequest.Acceptance.ACCEPTED,
                        false,
                        new InMemoryRecordStore()));
            }
        };
        DeviceSpec red = spec("red")
                .address("0000:00:00.0")
                .traits("CUSTOM_RED")
                .priority(200)
                .build();
        HostSyncResult.Synced synced = host.syncHost(request(plainDevices(2), PLAIN_SPEC, red));
        assertThat(placement.consumers()).containsKey(server);
        assertThat(synced.providers())
                .extracting(result -> result.toSnapshot().content() != null)
                .containsExactly(true, false);
    }

    /** Another client writes between the listing and the write, so the snapshot of that generation is not valid. */
    @Test
    void readsProviderThatChangedBeforeWrite() {
        HostSyncResult.Synced before = host.syncHost(request(plainDevices(1), PLAIN_SPEC));
        UUID uuid = placement.uuid("gpu-07_0000:00:00.0").orElseThrow();
        host.restart(OwnershipTraits.DEFAULT);
        placement.before = name -> {
            if (name.equals("PUT traits")) {
                placement.before = any -> {};
                ProviderInventories has = placement.getInventories(uuid);
                placement.putInventories(
                        uuid,
                        new ProviderInventories(has.generation(), new TreeMap<>(Map.of(PLAIN, Inventory.of(1, 1)))));
            }
        };
        DeviceSpec red = spec("plain").product(Devices.PCI).traits("CUSTOM_RED").build();
        HostSyncResult.Synced after = host.syncHost(requestWithSnapshots(before, plainDevices(1), red));
        assertThat(after.providers())
                .extracting(HostSyncResult.ProviderResult::progress)
                .allMatch(progress -> progress instanceof HostSyncResult.Progress.Done);
        assertThat(placement.getTraits(uuid).traits()).contains(new Trait("CUSTOM_RED"));
        assertThat(placement.getInventories(uuid).byClass()).containsValue(Inventory.of(1, 1));
    }

    /** Another client has deleted the provider of a one-time-use device, which may have been used before. */
    @Test
    void keepsUseOfDeletedProviderIfItsCreationFails() {
        DeviceSpec once = spec("once").product(Devices.PCI).oneTimeUse().build();
        HostSyncResult.Synced before = host.syncHost(request(plainDevices(1), once));
        UUID uuid = placement.uuid("gpu-07_0000:00:00.0").orElseThrow();
        UUID consumer = UUID.randomUUID();
        host.allocate(consumer, uuid, PLAIN);
        placement.deleteAllocations(consumer);
        placement.deleteProvider(uuid);

        host.restart(OwnershipTraits.DEFAULT);
        placement.before = name -> {
            if (name.equals("PUT inventories")) {
                placement.before = any -> {};
                throw new PlacementException.Unreachable("connection lost");
            }
        };
        assertThat(host.sync.syncHost(requestWithSnapshots(before, plainDevices(1), once)))
                .isInstanceOf(HostSyncResult.PlacementUnavailable.class);
        host.sync.runSweep();
        host.syncHost(requestWithSnapshots(before, plainDevices(1), once));
        assertThat(placement.getInventories(uuid).byClass()).containsValue(Inventory.of(1, 1));
    }

    /**
     * The operator creates the provider of a used device again, fully reserved; its generation then looks as if the
     * device had never been allocated.
     */
    @Test
    void recreatedProviderOfUsedDeviceStaysReservedWithoutARecord() {
        DeviceSpec once = spec("once").product(Devices.PCI).oneTimeUse().build();
        host.syncHost(request(plainDevices(1), once));
        UUID uuid = placement.uuid("gpu-07_0000:00:00.0").orElseThrow();
        UUID consumer = UUID.randomUUID();
        host.allocate(consumer, uuid, PLAIN);
        host.sync.runSweep();
        host.syncHost(request(plainDevices(1), once));
        placement.deleteAllocations(consumer);
        placement.deleteProvider(uuid);
        host.sync.runSweep();
        host.syncHost(request(plainDevices(1), once));
        assertThat(placement.getInventories(uuid).byClass()).containsValue(Inventory.of(1, 1));

        host.restart(OwnershipTraits.DEFAULT);
        host.syncHost(request(plainDevices(1), once));
        assertThat(placement.getInventories(uuid).byClass()).containsValue(Inventory.of(1, 1));
        assertThat(host.syncHost(request(plainDevices(1), once)).uncleaned()).hasSize(1);
    }

    /** The status lists a deleted provider for one sync only; its reservation is kept for as long as it is missing. */
    @Test
    void keepsReservationOfProviderThatIsDeletedEachTime() {
        HostSyncResult.Synced last = host.syncHost(request(plainDevices(1), PLAIN_SPEC));
        UUID uuid = placement.uuid("gpu-07_0000:00:00.0").orElseThrow();
        placement.reserve(uuid, PLAIN, 2);
        host.sync.runSweep();
        last = host.syncHost(requestWithSnapshots(last, plainDevices(1), PLAIN_SPEC));
        for (int round = 0; round < 6; round++) {
            if (placement.uuid("gpu-07_0000:00:00.0").isPresent()) {
                placement.deleteProvider(uuid);
            }
            host.sync.runSweep();
            last = host.syncHost(requestWithSnapshots(last, plainDevices(1), PLAIN_SPEC));
            if (placement.uuid("gpu-07_0000:00:00.0").isPresent()) {
                assertThat(placement.getInventories(uuid).byClass()).containsValue(Inventory.of(2, 2));
            }
        }
        assertThat(last.providers())
                .extracting(result -> result.decision().state())
                .containsExactly(ProviderDecision.State.CONTESTED);
    }
}
