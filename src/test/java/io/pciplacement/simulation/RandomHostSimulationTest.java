package io.pciplacement.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.HostDevices;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.sync.PlacementSync;
import io.pciplacement.sync.PlacementSyncTest;
import io.pciplacement.sync.host.HostSyncRequest;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.testing.FakePlacement;
import io.pciplacement.testing.RandomSpecs;
import io.pciplacement.testing.SyncRequests;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random specs, devices, consumers and faults: checks the invariants after every step, and that the result equals that
 * of a fresh start with the same specs.
 */
class RandomHostSimulationTest {

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void keepsInvariantsAndConverges(long seed) {
        Random random = new Random(seed);
        ExecutorService pool = Executors.newFixedThreadPool(1);
        FakePlacement placement = new FakePlacement();
        PlacementSync sync = new PlacementSync(placement, OwnershipTraits.DEFAULT, pool);
        List<DeviceSpec> specs = new ArrayList<>();
        HostDevices devices = RandomSpecs.host(random);
        List<UUID> consumers = new ArrayList<>();
        try {
            for (int step = 0; step < 120; step++) {
                switch (random.nextInt(6)) {
                    case 0 -> specs.add(RandomSpecs.spec(random, "s" + step).build());
                    case 1 -> {
                        if (!specs.isEmpty()) {
                            specs.remove(random.nextInt(specs.size()));
                        }
                    }
                    case 2 -> devices = RandomSpecs.host(random);
                    case 3 -> changeAllocations(placement, random, consumers);
                    case 4 -> {
                        if (!consumers.isEmpty()) {
                            placement.deleteAllocations(consumers.remove(random.nextInt(consumers.size())));
                        }
                    }
                    default -> sync = new PlacementSync(placement, OwnershipTraits.DEFAULT, pool);
                }
                int cut = random.nextInt(12);
                int[] left = {cut};
                FakePlacement.Fault fault = name -> {
                    if (left[0]-- == 0) {
                        throw random.nextBoolean()
                                ? new PlacementException.Unreachable("cut")
                                : new PlacementException.GenerationConflict("another client");
                    }
                };
                placement.before = random.nextBoolean() ? fault : name -> {};
                placement.after = name -> {};
                int held = placement.consumers().size();
                sync.runSweep();
                sync.syncHost(request(devices, specs));
                placement.before = name -> {};
                assertThat(placement.consumers()).as("no allocation is lost").hasSize(held);
                PlacementSyncTest.assertNoInventoryWithoutTraits(placement);
                assertOneDeviceTypePerCard(placement);
            }
            syncUntilSettled(sync, request(devices, specs));
            Map<String, String> after = placement.tree();
            placement.requests.clear();
            syncUntilSettled(sync, request(devices, specs));
            assertThat(placement.requests).as("nothing is written twice").noneMatch(r -> !r.startsWith("GET"));
            assertThat(placement.tree()).isEqualTo(after);
            consumers.forEach(placement::deleteAllocations);
            syncUntilSettled(sync, request(devices, specs));
            FakePlacement fresh = new FakePlacement();
            PlacementSync freshSync = new PlacementSync(fresh, OwnershipTraits.DEFAULT, pool);
            syncUntilSettled(freshSync, request(devices, specs));
            assertThat(withoutContradicted(placement, freshSync, request(devices, specs)))
                    .isEqualTo(withoutContradicted(fresh, freshSync, request(devices, specs)));
        } finally {
            pool.shutdownNow();
        }
    }

    private static HostSyncRequest request(HostDevices devices, List<DeviceSpec> specs) {
        return SyncRequests.request("gpu-07", devices, specs);
    }

    private static void syncUntilSettled(PlacementSync sync, HostSyncRequest request) {
        for (int i = 0; i < 3; i++) {
            sync.runSweep();
            sync.syncHost(request);
        }
    }

    /** A provider with conflicting specs keeps its state, which a fresh start does not know. */
    private static Map<String, String> withoutContradicted(
            FakePlacement placement, PlacementSync sync, HostSyncRequest request) {
        Map<String, String> tree = placement.tree();
        ((HostSyncResult.Synced) sync.syncHost(request))
                .providers().stream()
                        .filter(result -> !result.decision().findings().isEmpty())
                        .forEach(result -> tree.remove(result.decision().name()));
        return tree;
    }

    private static void changeAllocations(FakePlacement placement, Random random, List<UUID> consumers) {
        List<String> names = new ArrayList<>();
        List<ResourceClass> classes = new ArrayList<>();
        placement.forEachProvider((name, inventories, traits, used) -> inventories.forEach((rc, inventory) -> {
            if (used.applyAsInt(rc) < inventory.total() - inventory.reserved()) {
                names.add(name);
                classes.add(rc);
            }
        }));
        if (names.isEmpty()) {
            return;
        }
        int at = random.nextInt(names.size());
        UUID consumer = UUID.randomUUID();
        UUID provider = placement.uuid(names.get(at)).orElseThrow();
        placement.putAllocations(Map.of(
                consumer,
                new Allocation(Map.of(provider, Map.of(classes.get(at), 1)), "project", "user", null, "INSTANCE")));
        consumers.add(consumer);
    }

    /** A provider that offers two classes would offer one device twice. */
    private static void assertOneDeviceTypePerCard(FakePlacement placement) {
        placement.forEachProvider((name, inventories, traits, used) ->
                assertThat(inventories).as(name).hasSizeLessThanOrEqualTo(1));
    }
}
