package io.pciplacement.operator.sync;

import static io.pciplacement.testing.Specs.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.operator.sync.HostOutcome.Decided;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.Inventories;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.Adoption;
import io.pciplacement.planning.Cards;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.HeldDevices;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.planning.allocation.Consumer;
import io.pciplacement.planning.allocation.DeviceAt;
import io.pciplacement.planning.allocation.Holding;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.FakePlacement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asked of Placement, and how often; and that a fault at any request is made good by the next run. */
class PlacementSyncTest {

    private static final ResourceClass PLAIN = new ResourceClass("CUSTOM_PCI_8086_1533");
    private static final DeviceSpec PLAIN_SPEC =
            spec("plain").product(Devices.PCI).build();

    private final FakePlacement placement = new FakePlacement();
    private final ExecutorService pool = Executors.newFixedThreadPool(4);
    private PlacementSync sync;

    @BeforeEach
    void start() {
        sync = new PlacementSync(placement, Marks.DEFAULT, pool);
        sync.sweep();
        placement.requests.clear();
    }

    @AfterEach
    void stop() {
        pool.shutdownNow();
    }

    private static HostDevices plain(int count) {
        List<PciDevice> devices = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            devices.add(Devices.pci("0000:%02x:%02x.0".formatted(i / 32, i % 32)));
        }
        return new HostDevices(devices);
    }

    private static HostRequest request(HostDevices devices, DeviceSpec... specs) {
        return new HostRequest("gpu-07", "gpu-07", true, true, devices, List.of(specs), Map.of());
    }

    private static HostRequest remembering(Decided before, HostDevices devices, DeviceSpec... specs) {
        Map<String, Remembered> remembered = before.providers().stream()
                .collect(Collectors.toMap(result -> result.decision().name(), HostOutcome.ProviderResult::remembered));
        return new HostRequest("gpu-07", "gpu-07", true, true, devices, List.of(specs), remembered);
    }

    private Decided decided(HostRequest request) {
        return (Decided) sync.sync(request);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8, 64, 256})
    void aFirstSyncOfManyProvidersTakesTwoRequestsEachAndFewMore(int providers) {
        Decided outcome = decided(request(plain(providers), PLAIN_SPEC));
        assertThat(outcome.providers())
                .hasSize(providers)
                .allMatch(r -> r.decision().state() == State.WANTED);
        assertThat(placement.requests).hasSizeLessThanOrEqualTo(2 * providers + 6);
        assertThat(placement.tree()).hasSize(providers + 1);
    }

    @Test
    void aQuietCloudCostsOneRequestASweepAndNoWrite() {
        decided(request(plain(20), PLAIN_SPEC));
        sync.sweep();
        placement.requests.clear();
        for (int i = 0; i < 5; i++) {
            assertThat(sync.sweep().nodes()).isEmpty();
            decided(request(plain(20), PLAIN_SPEC));
        }
        assertThat(placement.requests).hasSize(5).containsOnly("GET /resource_providers?required");
    }

    /** All but what has moved meanwhile, and who has what is in use: allocations go without a trace. */
    @Test
    void anOperatorThatStartsAnewReadsNextToNothing() {
        decided(request(plain(20), PLAIN_SPEC));
        UUID consumer = UUID.randomUUID();
        allocate(consumer, placement.uuid("gpu-07_0000:00:03.0").orElseThrow(), PLAIN);
        sync.sweep();
        Decided before = decided(request(plain(20), PLAIN_SPEC));
        Map<String, String> right = placement.tree();
        UUID changed = placement.uuid("gpu-07_0000:00:05.0").orElseThrow();
        placement.putTraits(
                changed,
                new ProviderTraits(placement.traits(changed).generation(), new TreeSet<>(Set.of(Trait.OPERATOR_MARK))));

        sync = new PlacementSync(placement, Marks.DEFAULT, pool);
        sync.sweep();
        placement.requests.clear();
        decided(remembering(before, plain(20), PLAIN_SPEC));
        assertThat(placement.requests)
                .containsExactlyInAnyOrder(
                        "GET /resource_providers?in_tree",
                        "GET allocations of provider",
                        "GET inventories",
                        "GET traits",
                        "GET allocations of provider",
                        "PUT traits");
        assertThat(placement.tree()).isEqualTo(right);
        assertThat(sync.consumers(before.root())).containsExactly(consumer);
    }

    /** A device that was given away while its host was written: to remember it as free would be wrong. */
    @Test
    void whatIsGivenAwayMeanwhileIsNotRememberedAsFree() {
        decided(request(plain(2), PLAIN_SPEC));
        UUID server = UUID.randomUUID();
        placement.before = name -> {
            if (name.equals("PUT traits")) {
                placement.before = any -> {};
                sync.hold(new HoldRequest(
                        new Holding(
                                "server",
                                "2026",
                                new Consumer(server, "INSTANCE", "project", "user", false),
                                List.of(new DeviceAt("gpu-07", Devices.at("0000:00:01.0")))),
                        () -> true,
                        "gpu-07"::equals,
                        device -> Optional.empty(),
                        server::equals));
            }
        };
        DeviceSpec red = spec("red")
                .address("0000:00:00.0")
                .traits("CUSTOM_RED")
                .priority(200)
                .build();
        Decided outcome = decided(request(plain(2), PLAIN_SPEC, red));
        assertThat(placement.consumers()).containsKey(server);
        assertThat(outcome.providers())
                .extracting(result -> result.remembered().content() != null)
                .containsExactly(true, false);
    }

    /** Somebody was between the listing and the write: what is remembered of that generation does not count either. */
    @Test
    void aProviderThatMovedBeforeAWriteIsReadWhateverIsRemembered() {
        Decided before = decided(request(plain(1), PLAIN_SPEC));
        UUID uuid = placement.uuid("gpu-07_0000:00:00.0").orElseThrow();
        sync = new PlacementSync(placement, Marks.DEFAULT, pool);
        sync.sweep();
        placement.before = name -> {
            if (name.equals("PUT traits")) {
                placement.before = any -> {};
                Inventories has = placement.inventories(uuid);
                placement.putInventories(
                        uuid, new Inventories(has.generation(), new TreeMap<>(Map.of(PLAIN, Inventory.of(1, 1)))));
            }
        };
        DeviceSpec red = spec("plain").product(Devices.PCI).traits("CUSTOM_RED").build();
        Decided after = decided(remembering(before, plain(1), red));
        assertThat(after.providers())
                .extracting(HostOutcome.ProviderResult::progress)
                .allMatch(progress -> progress instanceof HostOutcome.Progress.Done);
        assertThat(placement.traits(uuid).traits()).contains(new Trait("CUSTOM_RED"));
        assertThat(placement.inventories(uuid).byClass()).containsValue(Inventory.of(1, 1));
    }

    @Test
    void aChangeOfOneProviderTakesAtMostThreeRequests() {
        decided(request(plain(8), PLAIN_SPEC));
        sync.sweep();
        placement.requests.clear();
        DeviceSpec one = spec("one")
                .address("0000:00:03.0")
                .as("red")
                .traits("HW_NIC_SRIOV")
                .priority(200)
                .build();
        decided(request(plain(8), PLAIN_SPEC, one));
        assertThat(placement.requests.stream().filter(r -> !r.startsWith("PUT /")))
                .containsExactly("PUT inventories", "PUT traits", "PUT inventories");
    }

    /** Nova goes by that trait alone, so a tree without it can be below a nova-compute's root. */
    @Test
    void novasTraitIsLeftOutAndPutBackBySetting() {
        decided(request(plain(2), PLAIN_SPEC));
        UUID uuid = placement.uuid("gpu-07_0000:00:01.0").orElseThrow();
        assertThat(placement.traits(uuid).traits()).contains(Trait.MANAGED_PCI_DEVICE, Trait.OWNER_NOVA);
        for (Marks marks : List.of(new Marks(false, true), new Marks(true, false), Marks.DEFAULT)) {
            sync = new PlacementSync(placement, marks, pool);
            sync.sweep();
            decided(request(plain(2), PLAIN_SPEC));
            Set<Trait> expected = new TreeSet<>(Set.of(Trait.OPERATOR_MARK));
            if (marks.managed()) {
                expected.add(Trait.MANAGED_PCI_DEVICE);
            }
            if (marks.ownerNova()) {
                expected.add(Trait.OWNER_NOVA);
            }
            assertThat(placement.traits(uuid).traits()).as("%s", marks).isEqualTo(expected);
        }
    }

    @Test
    void whatSomebodyChangedIsPutRight() {
        decided(request(plain(2), PLAIN_SPEC));
        UUID uuid = placement.uuid("gpu-07_0000:00:01.0").orElseThrow();
        Map<String, String> right = placement.tree();
        placement.deleteProvider(uuid);
        assertThat(sync.sweep().nodes()).containsExactly("gpu-07");
        decided(request(plain(2), PLAIN_SPEC));
        assertThat(placement.tree()).isEqualTo(right);
        assertThat(placement.uuid("gpu-07_0000:00:01.0")).contains(uuid);
    }

    @Test
    void whatAnAdministratorReservedStays() {
        decided(request(plain(1), PLAIN_SPEC));
        placement.reserve(placement.uuid("gpu-07_0000:00:00.0").orElseThrow(), PLAIN, 1);
        sync.sweep();
        decided(request(plain(1), spec("plain").product(Devices.PCI).as("red").build()));
        assertThat(placement.tree().get("gpu-07_0000:00:00.0")).startsWith("[CUSTOM_RED=1/1]");
    }

    @Test
    void whatIsInUseStaysUntilTheConsumerLetsGo() {
        decided(request(plain(1), PLAIN_SPEC));
        UUID consumer = UUID.randomUUID();
        allocate(consumer, placement.uuid("gpu-07_0000:00:00.0").orElseThrow(), PLAIN);
        assertThat(sync.sweep().nodes()).containsExactly("gpu-07");
        Decided held = decided(request(plain(1)));
        assertThat(held.providers()).singleElement().satisfies(result -> {
            assertThat(result.decision().state()).isEqualTo(State.HELD);
            assertThat(result.decision().findings().getFirst().message()).contains(consumer.toString());
        });
        assertThat(placement.tree()).containsKey("gpu-07_0000:00:00.0");
        placement.forget(consumer);
        assertThat(sync.sweep().nodes()).containsExactly("gpu-07");
        assertThat(decided(request(plain(1))).providers()).isEmpty();
        assertThat(placement.tree()).containsOnlyKeys("gpu-07");
    }

    @Test
    void somebodyElsesProviderIsLeftAlone() {
        placement.createProvider(UUID.randomUUID(), "gpu-07", Optional.empty());
        UUID root = placement.uuid("gpu-07").orElseThrow();
        placement.createProvider(UUID.randomUUID(), "gpu-07_0000:00:00.0", Optional.of(root));
        Map<String, String> before = placement.tree();
        Decided outcome = decided(request(plain(1), PLAIN_SPEC));
        assertThat(outcome.providers()).singleElement().satisfies(result -> {
            assertThat(result.decision().state()).isEqualTo(State.CONFLICTING);
            assertThat(result.decision().findings().getFirst().reason()).isEqualTo("ForeignOwner");
        });
        assertThat(placement.tree()).isEqualTo(before);
    }

    private HostRequest adopting(Adoption.Mode mode, DeviceSpec... specs) {
        return new HostRequest(
                "gpu-07",
                "gpu-07",
                true,
                true,
                plain(2),
                List.of(specs),
                Map.of(),
                HeldDevices.NONE,
                Cards.NONE,
                mode,
                Set.of());
    }

    /** A provider as Nova makes it, one unit of it in use. */
    private UUID novas(UUID consumer) {
        placement.createProvider(UUID.randomUUID(), "gpu-07", Optional.empty());
        UUID root = placement.uuid("gpu-07").orElseThrow();
        UUID uuid = UUID.randomUUID();
        placement.createProvider(uuid, "gpu-07_0000:00:00.0", Optional.of(root));
        int generation = placement.putTraits(
                uuid, new ProviderTraits(0, new TreeSet<>(Set.of(Trait.MANAGED_PCI_DEVICE, Trait.OWNER_NOVA))));
        placement.createResourceClass(PLAIN);
        placement.putInventories(uuid, new Inventories(generation, new TreeMap<>(Map.of(PLAIN, Inventory.of(1, 0)))));
        allocate(consumer, uuid, PLAIN);
        return uuid;
    }

    @Test
    void novasProviderBecomesOursAndKeepsWhatItHas() {
        UUID consumer = UUID.randomUUID();
        UUID uuid = novas(consumer);
        Map<String, String> before = placement.tree();
        Decided plan = decided(adopting(Adoption.Mode.PLAN, PLAIN_SPEC));
        assertThat(plan.providers().getFirst().decision().findings().getFirst().reason())
                .isEqualTo("Adoptable");
        assertThat(placement.tree().get("gpu-07_0000:00:00.0")).isEqualTo(before.get("gpu-07_0000:00:00.0"));

        decided(adopting(Adoption.Mode.ADOPT, PLAIN_SPEC));
        assertThat(placement.uuid("gpu-07_0000:00:00.0")).contains(uuid);
        assertThat(placement.tree().get("gpu-07_0000:00:00.0"))
                .startsWith("[CUSTOM_PCI_8086_1533=1/0]")
                .contains("CUSTOM_PCI_PLACEMENT_OPERATOR");
        assertThat(placement.consumers().get(consumer).resources()).containsOnlyKeys(uuid);

        PlacementSync restarted = new PlacementSync(placement, Marks.DEFAULT, pool);
        restarted.sweep();
        Map<String, String> after = placement.tree();
        placement.requests.clear();
        restarted.sync(adopting(Adoption.Mode.NONE, PLAIN_SPEC));
        assertThat(placement.requests).as("it is one of ours").allMatch(request -> request.startsWith("GET"));
        assertThat(placement.tree()).isEqualTo(after);

        placement.forget(consumer);
        restarted.sweep();
        restarted.sync(adopting(Adoption.Mode.NONE));
        assertThat(placement.tree()).containsOnlyKeys("gpu-07");
    }

    /** What is not marked is not ours: whatever goes wrong, it is never removed as such. */
    @Test
    void anAdoptionThatFailsLeavesItTheirs() {
        UUID consumer = UUID.randomUUID();
        novas(consumer);
        placement.forget(consumer);
        String before = placement.tree().get("gpu-07_0000:00:00.0");
        placement.before = name -> {
            if (name.equals("PUT traits")) {
                throw new PlacementException.GenerationConflict("somebody else");
            }
        };
        decided(adopting(Adoption.Mode.ADOPT, PLAIN_SPEC));
        placement.before = name -> {};
        decided(adopting(Adoption.Mode.ADOPT));
        assertThat(placement.tree().get("gpu-07_0000:00:00.0")).isEqualTo(before);
    }

    @Test
    void whoStoodInTheWayAndLeftIsNoticed() {
        placement.createProvider(UUID.randomUUID(), "gpu-07", Optional.empty());
        UUID root = placement.uuid("gpu-07").orElseThrow();
        UUID theirs = UUID.randomUUID();
        placement.createProvider(theirs, "gpu-07_0000:00:00.0", Optional.of(root));
        assertThat(decided(request(plain(1), PLAIN_SPEC)).retry()).isTrue();
        placement.deleteProvider(theirs);
        assertThat(decided(request(plain(1), PLAIN_SPEC)).providers())
                .allMatch(result -> result.decision().state() == State.WANTED);
    }

    @Test
    void withoutTheRoleForTheReshaperInventoriesAreWrittenOneByOne() {
        placement.before = name -> {
            if (name.equals("POST /reshaper")) {
                throw new PlacementException.Forbidden("reshaper");
            }
        };
        decided(request(plain(3), PLAIN_SPEC));
        assertThat(placement.requests).contains("POST /reshaper");
        assertThat(placement.tree().values())
                .filteredOn(line -> line.contains("=1/0"))
                .hasSize(3);
    }

    @Test
    void aPlacementThatBeganAnewIsFilledAgain() {
        decided(request(plain(3), PLAIN_SPEC));
        Map<String, String> right = placement.tree();
        placement.wipe();
        sync.sweep();
        for (int i = 0; i < 4 && !placement.tree().equals(right); i++) {
            sync.sync(request(plain(3), PLAIN_SPEC));
            sync.sweep();
        }
        assertThat(placement.tree()).isEqualTo(right);
    }

    @Test
    void withoutTheRootNothingIsWritten() {
        HostRequest request = new HostRequest("gpu-07", "gpu-07", false, true, plain(1), List.of(PLAIN_SPEC), Map.of());
        assertThat(sync.sync(request)).isInstanceOf(HostOutcome.NoRoot.class);
        assertThat(placement.tree()).isEmpty();
    }

    @Test
    void aDisabledHostIsOnlyPlanned() {
        HostRequest request = new HostRequest("gpu-07", "gpu-07", true, false, plain(2), List.of(PLAIN_SPEC), Map.of());
        assertThat(decided(request).providers())
                .hasSize(2)
                .allMatch(result -> result.progress() instanceof HostOutcome.Progress.Planned);
        assertThat(placement.tree()).isEmpty();
    }

    /**
     * Whichever request fails, before or after it was carried out: nothing wrong is offered, the next run completes.
     */
    @Test
    void aFaultAtAnyRequestIsMadeGoodByTheNextRun() {
        decided(request(plain(6), PLAIN_SPEC));
        Map<String, String> right = placement.tree();
        int requests = placement.requests.size();
        for (int k = 0; k < requests; k++) {
            for (boolean carriedOut : new boolean[] {false, true}) {
                FakePlacement world = new FakePlacement();
                PlacementSync first = new PlacementSync(world, Marks.DEFAULT, pool);
                first.sweep();
                int[] left = {k};
                FakePlacement.Fault fault = name -> {
                    if (left[0]-- == 0) {
                        throw new PlacementException.Unreachable("cut");
                    }
                };
                if (carriedOut) {
                    world.after = fault;
                } else {
                    world.before = fault;
                }
                first.sync(request(plain(6), PLAIN_SPEC));
                assertNothingOfferedUndescribed(world);
                // The process is gone, and with it all it remembered.
                PlacementSync second = new PlacementSync(world, Marks.DEFAULT, pool);
                second.sweep();
                second.sync(request(plain(6), PLAIN_SPEC));
                assertThat(world.tree())
                        .as("cut at %d, carried out: %s", k, carriedOut)
                        .isEqualTo(right);
            }
        }
    }

    static void assertNothingOfferedUndescribed(FakePlacement world) {
        world.forEachProvider((name, inventories, traits, used) -> {
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

    private void allocate(UUID consumer, UUID provider, ResourceClass rc) {
        placement.putAllocations(Map.of(
                consumer, new Allocation(Map.of(provider, Map.of(rc, 1)), "project", "user", null, "INSTANCE")));
    }
}
