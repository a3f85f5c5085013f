package io.pciplacement.sync;

import static io.pciplacement.sync.SingleHostFixture.PLAIN;
import static io.pciplacement.sync.SingleHostFixture.PLAIN_SPEC;
import static io.pciplacement.sync.SingleHostFixture.plainDevices;
import static io.pciplacement.sync.SingleHostFixture.request;
import static io.pciplacement.testing.Specs.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.AllocatedDevices;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.sync.host.HostRecord;
import io.pciplacement.sync.host.HostSyncRequest;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.root.RootProviderProblem;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.FakePlacement;
import io.pciplacement.testing.SyncRequests;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests of the requests to Placement and of recovery from a fault at any request. */
public class PlacementSyncTest {

    @AutoClose
    private final SingleHostFixture host = new SingleHostFixture();

    private final FakePlacement placement = host.placement;

    @ParameterizedTest
    @ValueSource(ints = {1, 8, 64, 256})
    void firstSyncNeedsTwoRequestsPerProvider(int providers) {
        HostSyncResult.Synced synced = host.syncHost(request(plainDevices(providers), PLAIN_SPEC));
        assertThat(synced.providers())
                .hasSize(providers)
                .allMatch(r -> r.decision().state() == State.WANTED);
        assertThat(placement.requests).hasSizeLessThanOrEqualTo(2 * providers + 6);
        assertThat(placement.tree()).hasSize(providers + 1);
    }

    @Test
    void unchangedCloudNeedsTwoRequestsPerSweep() {
        host.syncHost(request(plainDevices(20), PLAIN_SPEC));
        host.sync.runSweep();
        placement.requests.clear();
        for (int i = 0; i < 5; i++) {
            assertThat(host.sync.runSweep().nodes()).isEmpty();
            host.syncHost(request(plainDevices(20), PLAIN_SPEC));
        }
        assertThat(placement.requests).hasSize(10).containsOnly("GET /resource_providers?required");
    }

    @Test
    void changeOfOneProviderNeedsAtMostThreeRequests() {
        host.syncHost(request(plainDevices(8), PLAIN_SPEC));
        host.sync.runSweep();
        placement.requests.clear();
        DeviceSpec one = spec("one")
                .address("0000:00:03.0")
                .as("red")
                .traits("HW_NIC_SRIOV")
                .priority(200)
                .build();
        host.syncHost(request(plainDevices(8), PLAIN_SPEC, one));
        assertThat(placement.requests.stream().filter(r -> !r.startsWith("PUT /")))
                .containsExactly("PUT inventories", "PUT traits", "PUT inventories");
    }

    /** Nova uses only that trait, so a tree without it can be below the root provider of a nova-compute. */
    @Test
    void settingControlsNovaTrait() {
        host.syncHost(request(plainDevices(2), PLAIN_SPEC));
        UUID uuid = placement.uuid("gpu-07_0000:00:01.0").orElseThrow();
        assertThat(placement.getTraits(uuid).traits()).contains(Trait.MANAGED_PCI_DEVICE, Trait.OWNER_NOVA);
        for (OwnershipTraits ownershipTraits :
                List.of(new OwnershipTraits(false, true), new OwnershipTraits(true, false), OwnershipTraits.DEFAULT)) {
            host.restart(ownershipTraits);
            host.syncHost(request(plainDevices(2), PLAIN_SPEC));
            Set<Trait> expected = new TreeSet<>(Set.of(Trait.OPERATOR_MANAGED));
            if (ownershipTraits.managed()) {
                expected.add(Trait.MANAGED_PCI_DEVICE);
            }
            if (ownershipTraits.ownerNova()) {
                expected.add(Trait.OWNER_NOVA);
            }
            assertThat(placement.getTraits(uuid).traits())
                    .as("%s", ownershipTraits)
                    .isEqualTo(expected);
        }
    }

    /** The listing has been applied to the cache then, so the next one does not show its changes again. */
    @Test
    void sweepReportsChangesAlthoughAProviderIsDeletedDuringIt() {
        host.syncHost(request(plainDevices(2), PLAIN_SPEC));
        host.allocatePlain("0000:00:00.0");
        host.sync.runSweep();
        host.syncHost(request(plainDevices(2), PLAIN_SPEC));
        placement.reserve(placement.uuid("gpu-07_0000:00:01.0").orElseThrow(), PLAIN, 1);
        placement.before = name -> {
            if (name.equals("GET allocations of provider")) {
                throw new PlacementException.NotFound("no such provider");
            }
        };
        assertThat(host.sync.runSweep().nodes()).containsExactly("gpu-07");
    }

    /** For example if a host is created again: its sync may have used the state before the change. */
    @Test
    void sweepReportsChangesDuringTheFirstSyncOfAHost() {
        host.syncHost(request(plainDevices(1), PLAIN_SPEC));
        UUID consumer = host.allocatePlain("0000:00:00.0");
        host.sync.runSweep();
        host.syncHost(request(plainDevices(1), PLAIN_SPEC));
        host.sync.forgetHost("gpu-07");
        Set<String> reported = new TreeSet<>();
        placement.afterNext("POST /resource_providers", () -> {
            placement.deleteAllocations(consumer);
            reported.addAll(host.sync.runSweep().nodes());
        });
        host.syncHost(request(plainDevices(2), PLAIN_SPEC));
        assertThat(reported).containsExactly("gpu-07");
    }

    @Test
    void correctsChangesByOtherClients() {
        host.syncHost(request(plainDevices(2), PLAIN_SPEC));
        UUID uuid = placement.uuid("gpu-07_0000:00:01.0").orElseThrow();
        Map<String, String> right = placement.tree();
        placement.deleteProvider(uuid);
        assertThat(host.sync.runSweep().nodes()).containsExactly("gpu-07");
        host.syncHost(request(plainDevices(2), PLAIN_SPEC));
        assertThat(placement.tree()).isEqualTo(right);
        assertThat(placement.uuid("gpu-07_0000:00:01.0")).contains(uuid);
    }

    @Test
    void keepsReservationOfAdministrator() {
        host.syncHost(request(plainDevices(1), PLAIN_SPEC));
        placement.reserve(placement.uuid("gpu-07_0000:00:00.0").orElseThrow(), PLAIN, 1);
        host.sync.runSweep();
        host.syncHost(request(
                plainDevices(1), spec("plain").product(Devices.PCI).as("red").build()));
        assertThat(placement.tree().get("gpu-07_0000:00:00.0")).startsWith("[CUSTOM_RED=1/1]");
    }

    @Test
    void keepsProviderInUseUntilReleased() {
        host.syncHost(request(plainDevices(1), PLAIN_SPEC));
        UUID consumer = host.allocatePlain("0000:00:00.0");
        assertThat(host.sync.runSweep().nodes()).containsExactly("gpu-07");
        HostSyncResult.Synced held = host.syncHost(request(plainDevices(1)));
        assertThat(held.providers()).singleElement().satisfies(result -> {
            assertThat(result.decision().state()).isEqualTo(State.HELD);
            assertThat(result.decision().findings().getFirst().message()).contains(consumer.toString());
        });
        assertThat(placement.tree()).containsKey("gpu-07_0000:00:00.0");
        placement.deleteAllocations(consumer);
        assertThat(host.sync.runSweep().nodes()).containsExactly("gpu-07");
        assertThat(host.syncHost(request(plainDevices(1))).providers()).isEmpty();
        assertThat(placement.tree()).containsOnlyKeys("gpu-07");
    }

    @Test
    void doesNotChangeForeignProvider() {
        placement.createProvider(UUID.randomUUID(), "gpu-07", Optional.empty());
        UUID root = placement.uuid("gpu-07").orElseThrow();
        placement.createProvider(UUID.randomUUID(), "gpu-07_0000:00:00.0", Optional.of(root));
        Map<String, String> before = placement.tree();
        HostSyncResult.Synced synced = host.syncHost(request(plainDevices(1), PLAIN_SPEC));
        assertThat(synced.providers()).singleElement().satisfies(result -> {
            assertThat(result.decision().state()).isEqualTo(State.CONFLICTING);
            assertThat(result.decision().findings().getFirst().reason()).isEqualTo("ForeignOwner");
        });
        assertThat(placement.tree()).isEqualTo(before);
    }

    @Test
    void detectsRemovalOfForeignProvider() {
        placement.createProvider(UUID.randomUUID(), "gpu-07", Optional.empty());
        UUID root = placement.uuid("gpu-07").orElseThrow();
        UUID foreignProvider = UUID.randomUUID();
        placement.createProvider(foreignProvider, "gpu-07_0000:00:00.0", Optional.of(root));
        assertThat(host.syncHost(request(plainDevices(1), PLAIN_SPEC)).retry()).isTrue();
        placement.deleteProvider(foreignProvider);
        assertThat(host.syncHost(request(plainDevices(1), PLAIN_SPEC)).providers())
                .allMatch(result -> result.decision().state() == State.WANTED);
    }

    @Test
    void writesInventoriesOneByOneWithoutReshaperRole() {
        placement.before = name -> {
            if (name.equals("POST /reshaper")) {
                throw new PlacementException.Forbidden("reshaper");
            }
        };
        host.syncHost(request(plainDevices(3), PLAIN_SPEC));
        assertThat(placement.requests).contains("POST /reshaper");
        assertThat(placement.tree().values())
                .filteredOn(line -> line.contains("=1/0"))
                .hasSize(3);
    }

    @Test
    void recreatesProvidersAfterDatabaseReset() {
        host.syncHost(request(plainDevices(3), PLAIN_SPEC));
        Map<String, String> right = placement.tree();
        placement.reset();
        host.sync.runSweep();
        for (int i = 0; i < 4 && !placement.tree().equals(right); i++) {
            host.sync.syncHost(request(plainDevices(3), PLAIN_SPEC));
            host.sync.runSweep();
        }
        assertThat(placement.tree()).isEqualTo(right);
    }

    @Test
    void writesNothingWithoutRootProvider() {
        HostSyncRequest request = SyncRequests.request(
                "gpu-07", false, true, plainDevices(1), List.of(PLAIN_SPEC), HostRecord.NONE, AllocatedDevices.NONE);
        assertThat(host.sync.syncHost(request)).isInstanceOf(HostSyncResult.RootMissing.class);
        assertThat(placement.tree()).isEmpty();
    }

    @Test
    void onlyPlansDisabledHost() {
        HostSyncRequest request = SyncRequests.request(
                "gpu-07", true, false, plainDevices(2), List.of(PLAIN_SPEC), HostRecord.NONE, AllocatedDevices.NONE);
        assertThat(host.syncHost(request).providers())
                .hasSize(2)
                .allMatch(result -> result.progress() instanceof HostSyncResult.Progress.Planned);
        assertThat(placement.tree()).isEmpty();
    }

    /** A user who enables a host again expects that it is written. */
    @Test
    void revertsAreForgottenWhenAHostIsDisabled() {
        for (int revert = 0; revert < 2; revert++) {
            assertThat(stateOfOnly(host.syncHost(request(plainDevices(1), PLAIN_SPEC))))
                    .isEqualTo(State.WANTED);
            placement.deleteProvider(placement.uuid("gpu-07_0000:00:00.0").orElseThrow());
            host.sync.runSweep();
        }
        assertThat(stateOfOnly(host.syncHost(request(plainDevices(1), PLAIN_SPEC))))
                .isEqualTo(State.CONTESTED);
        host.syncHost(SyncRequests.request(
                "gpu-07", true, false, plainDevices(1), List.of(PLAIN_SPEC), HostRecord.NONE, AllocatedDevices.NONE));
        assertThat(stateOfOnly(host.syncHost(request(plainDevices(1), PLAIN_SPEC))))
                .isEqualTo(State.WANTED);
        assertThat(placement.tree()).containsKey("gpu-07_0000:00:00.0");
    }

    private static State stateOfOnly(HostSyncResult.Synced synced) {
        assertThat(synced.providers()).hasSize(1);
        return synced.providers().getFirst().decision().state();
    }

    @Test
    void endOfAnOutageIsReportedOnce() {
        placement.before = name -> {
            throw new PlacementException.Unreachable("stopped");
        };
        assertThat(host.sync.runSweep().stateChanged()).isTrue();
        assertThat(host.sync.runSweep().stateChanged()).isFalse();
        placement.before = name -> {};
        assertThat(host.sync.runSweep().stateChanged()).isTrue();
        assertThat(host.sync.runSweep().stateChanged()).isFalse();
    }

    /** Only enabled hosts are retried until they have a root provider. */
    @Test
    void sweepTriggersDisabledHostWhoseRootProviderWasMissing() {
        HostSyncRequest request = SyncRequests.request(
                "gpu-07", false, false, plainDevices(1), List.of(PLAIN_SPEC), HostRecord.NONE, AllocatedDevices.NONE);
        assertThat(host.syncHost(request).rootProblem()).isInstanceOf(RootProviderProblem.Missing.class);
        assertThat(host.sync.runSweep().nodes()).isEmpty();

        UUID root = UUID.randomUUID();
        placement.createProvider(root, "gpu-07", Optional.empty());
        placement.createTrait(Trait.COMPUTE_NODE);
        placement.putTraits(root, new ProviderTraits(0, new TreeSet<>(List.of(Trait.COMPUTE_NODE))));
        assertThat(host.sync.runSweep().nodes()).containsExactly("gpu-07");
        assertThat(host.syncHost(request).rootProblem()).isNull();
        assertThat(host.sync.runSweep().nodes()).isEmpty();
    }

    /**
     * Any request fails, before or after its execution: no wrong inventory is offered, and the next run completes the
     * sync.
     */
    @Test
    void recoversFromFaultAtAnyRequestInNextSync() {
        host.syncHost(request(plainDevices(6), PLAIN_SPEC));
        Map<String, String> right = placement.tree();
        int requests = placement.requests.size();
        for (int k = 0; k < requests; k++) {
            for (boolean carriedOut : new boolean[] {false, true}) {
                FakePlacement fakePlacement = new FakePlacement();
                PlacementSync first = new PlacementSync(fakePlacement, OwnershipTraits.DEFAULT, host.pool);
                first.runSweep();
                int[] left = {k};
                FakePlacement.Fault fault = name -> {
                    if (left[0]-- == 0) {
                        throw new PlacementException.Unreachable("cut");
                    }
                };
                if (carriedOut) {
                    fakePlacement.after = fault;
                } else {
                    fakePlacement.before = fault;
                }
                first.syncHost(request(plainDevices(6), PLAIN_SPEC));
                assertNoInventoryWithoutTraits(fakePlacement);
                // A new process with empty caches.
                PlacementSync second = new PlacementSync(fakePlacement, OwnershipTraits.DEFAULT, host.pool);
                second.runSweep();
                second.syncHost(request(plainDevices(6), PLAIN_SPEC));
                assertThat(fakePlacement.tree())
                        .as("cut at %d, carried out: %s", k, carriedOut)
                        .isEqualTo(right);
            }
        }
    }

    public static void assertNoInventoryWithoutTraits(FakePlacement fakePlacement) {
        fakePlacement.forEachProvider((name, inventories, traits, used) -> {
            if (!inventories.isEmpty()) {
                assertThat(traits).as(name).extracting("name").contains("CUSTOM_PCI_PLACEMENT_OPERATOR");
            }
            for (Map.Entry<ResourceClass, Inventory> entry : inventories.entrySet()) {
                assertThat(used.applyAsInt(entry.getKey()))
                        .as(name)
                        .isLessThanOrEqualTo(entry.getValue().total());
            }
        });
    }
}
