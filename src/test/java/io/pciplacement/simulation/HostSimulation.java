package io.pciplacement.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.AdoptionContext;
import io.pciplacement.planning.AllocatedDevices;
import io.pciplacement.planning.CleaningRecord;
import io.pciplacement.planning.DeviceIdentities;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.UncleanedDevice;
import io.pciplacement.simulation.HostGroundTruth.Held;
import io.pciplacement.simulation.HostGroundTruth.Seen;
import io.pciplacement.sync.HostRecord;
import io.pciplacement.sync.HostSyncRequest;
import io.pciplacement.sync.HostSyncResult;
import io.pciplacement.sync.HostSyncResult.ProviderResult;
import io.pciplacement.sync.PlacementSync;
import io.pciplacement.sync.ProviderSnapshot;
import io.pciplacement.testing.FaultInjector;
import io.pciplacement.testing.RandomSpecs;
import io.pciplacement.testing.Specs;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One host whose specs, devices, consumers, administrator, Node, object and root provider do what chance says, with an
 * operator whose requests fail and which is killed. What must hold is {@link HostGroundTruth}'s.
 */
final class HostSimulation {

    static final ResourceClass VCPU = new ResourceClass("VCPU");
    private static final int MOST_CONSUMERS = 6;
    private static final int MOST_SPECS = 8;

    private final PlacementClient world;
    private final FaultInjector faults;
    private final PlacementClient flaky;
    private final Random random;
    private final ExecutorService pool;
    private final String host;
    /** Where a card's PF and its VFs count under one class, only what is remembered of the kind keeps them apart. */
    private final boolean oneClass;

    private final HostGroundTruth truth;
    private final OtherClients others;
    private final List<DeviceSpec> specs = new ArrayList<>();
    private HostDevices devices;
    private boolean node = true;
    private PlacementSync sync;
    private Optional<HostSyncResult.Synced> last = Optional.empty();
    private int made;

    /** The devices that the operator keeps reserved for their cleaning, whatever its status says. */
    private Set<PciAddress> awaited = Set.of();

    /** Whether the operator's process has looked at all of the host since it was started. */
    private boolean looked;

    // What the host's object says.
    private boolean listed = true;
    private Map<String, ProviderSnapshot> remembered = Map.of();
    private Map<PciAddress, UncleanedDevice> uncleaned = Map.of();
    private @Nullable UUID recordedRoot;
    private final Map<PciAddress, String> confirmations = new HashMap<>();

    /** @param rename gives a provider another name, which the operator never does */
    HostSimulation(
            PlacementClient world, BiConsumer<UUID, String> rename, String host, Random random, ExecutorService pool) {
        this.world = world;
        this.host = host;
        this.random = random;
        this.pool = pool;
        this.oneClass = random.nextBoolean();
        this.faults = new FaultInjector(random);
        this.flaky = faults.before(world);
        this.devices = RandomSpecs.host(random);
        this.sync = new PlacementSync(flaky, OwnershipTraits.DEFAULT, pool);
        this.truth = new HostGroundTruth(world, host);
        this.others = new OtherClients(
                world,
                rename,
                host,
                random,
                truth,
                address -> looked || recorded().contains(address));
        others.newRoot();
        UUID foreign = others.uuid();
        world.createProvider(foreign, host + "_0000:81:01.0", Optional.of(truth.root()));
        world.putInventories(foreign, new ProviderInventories(0, new TreeMap<>(Map.of(VCPU, Inventory.of(3, 1)))));
        truth.isForeign(foreign);
    }

    /** The last of what happened. */
    String events() {
        return others.events();
    }

    /** One thing happens; what the operator does is checked. */
    void step() {
        switch (random.nextInt(24)) {
            case 0, 1 -> addSpec();
            case 2, 3 -> removeSpec();
            case 4, 5 -> {
                devices = RandomSpecs.host(random);
                others.event("devices "
                        + devices.all().stream()
                                .map(device -> device.address() + " " + device.type())
                                .toList());
            }
            case 6, 7 -> consume(false);
            case 8 -> consume(true);
            case 9 -> letGo();
            case 10 -> reserve();
            case 11 -> restart();
            case 12 -> node = !node && random.nextBoolean();
            case 13 -> node = true;
            case 14 -> restoreObject();
            case 15 -> listed = true;
            case 16, 17 -> clean();
            case 18 -> others.meddle();
            case 19 -> others.changeRoot();
            default -> {
                look(random.nextInt(3) > 0);
                truth.check(last);
            }
        }
    }

    private void addSpec() {
        if (specs.size() < MOST_SPECS) {
            Specs spec = RandomSpecs.spec(random, "s" + made++);
            if (random.nextInt(3) == 0) {
                spec.oneTimeUse();
            }
            specs.add((oneClass ? spec.as("red") : spec).build());
            others.event("spec " + specs.getLast());
        }
    }

    private void removeSpec() {
        if (!specs.isEmpty()) {
            others.event("spec removed: "
                    + specs.remove(random.nextInt(specs.size())).name());
        }
    }

    private void restart() {
        others.event("the operator restarts");
        looked = false;
        faults.none();
        sync = new PlacementSync(flaky, OwnershipTraits.DEFAULT, pool);
        truth.recordIsLost(recorded());
    }

    /** The devices of which the host's object says something. */
    private Set<PciAddress> recorded() {
        Set<PciAddress> recorded = new TreeSet<>(uncleaned.keySet());
        remembered.forEach((name, memory) -> {
            if (memory.content() != null) {
                truth.address(name).ifPresent(recorded::add);
            }
        });
        return recorded;
    }

    /** It is deleted and created again, as it was in git: with old annotations, without a status. */
    private void restoreObject() {
        others.event("the object is restored");
        listed = false;
        remembered = Map.of();
        uncleaned = Map.of();
        recordedRoot = null;
        truth.recordIsLost(Set.of());
    }

    private void look(boolean withFaults) {
        if (withFaults && random.nextInt(4) == 0) {
            faults.killAt(random.nextInt(10));
        } else if (withFaults) {
            faults.oneOf(random.nextInt(10));
        }
        last = Optional.empty();
        HostSyncRequest.Missing missing =
                !node ? HostSyncRequest.Missing.NODE : listed ? null : HostSyncRequest.Missing.DEVICE_LIST;
        boolean known = missing == null && truth.rootIsUsable();
        int before = faults.writes.size();
        try {
            sync.runSweep();
            // A root that no listing covers is verified in each sweep, too; one more may be needed to connect again.
            sync.runSweep();
            HostSyncResult outcome = sync.syncHost(new HostSyncRequest(
                    host,
                    host,
                    false,
                    true,
                    missing,
                    devices,
                    specs,
                    new HostRecord(
                            remembered,
                            DeviceIdentities.NONE,
                            CleaningRecord.of(uncleaned, confirmations),
                            recordedRoot),
                    AllocatedDevices.NONE,
                    AdoptionContext.Mode.NONE));
            faults.none();
            others.event("look: " + OtherClients.told(outcome));
            if (outcome instanceof HostSyncResult.Synced decided) {
                took(decided);
            }
        } catch (FaultInjector.Killed e) {
            restart();
        } catch (RuntimeException e) {
            if (!faults.dead()) {
                throw e;
            }
            restart();
        }
        if (!known) {
            assertThat(faults.writes.subList(before, faults.writes.size()))
                    .as("nothing is written while something is not known of the host")
                    .isEmpty();
        }
    }

    private void took(HostSyncResult.Synced decided) {
        awaited = decided.uncleaned().keySet();
        looked = true;
        boolean all = decided.providers().stream().allMatch(r -> r.progress() instanceof HostSyncResult.Progress.Done);
        last = all ? Optional.of(decided) : Optional.empty();
        if (random.nextInt(8) == 0) {
            others.event("the status is not written");
        } else {
            // What the status would be, unless the API server was away.
            remembered = decided.providers().stream()
                    .collect(Collectors.toMap(result -> result.decision().name(), ProviderResult::toSnapshot));
            uncleaned = decided.uncleaned();
            recordedRoot = decided.root();
        }
    }

    /** Somebody takes a unit of what was last seen to be free, or has it for a moment; Placement may know better. */
    private void consume(boolean shortly) {
        List<ProviderDecision> offered = last.stream()
                .flatMap(decided -> decided.providers().stream())
                .map(ProviderResult::decision)
                .filter(decision -> !decision.inventories().isEmpty())
                .toList();
        if (offered.isEmpty() || truth.held.size() >= MOST_CONSUMERS) {
            return;
        }
        ProviderDecision decision = offered.get(random.nextInt(offered.size()));
        ResourceClass resourceClass = decision.inventories().firstKey();
        UUID consumer = others.uuid();
        try {
            others.allocate(consumer, decision.uuid(), resourceClass);
            truth.held.put(consumer, new Held(decision.uuid(), resourceClass, decision.deviceType()));
            others.event("used" + (shortly ? " shortly: " : ": ") + decision.name());
            truth.used(decision.uuid());
            if (shortly) {
                others.release(consumer);
            }
        } catch (PlacementException.CapacityExceeded e) {
            // None was left.
        } catch (PlacementException.Rejected | PlacementException.NotFound e) {
            // Another client has deleted it.
        }
    }

    private void letGo() {
        others.any(List.copyOf(truth.held.keySet())).ifPresent(others::release);
    }

    /** An administrator keeps some units back, or no longer does. */
    private void reserve() {
        others.oneOfOurs().ifPresent(seen -> {
            UUID uuid = seen.provider().uuid();
            TreeMap<ResourceClass, Inventory> changed = new TreeMap<>();
            int[] units = {0};
            seen.inventories().byClass().forEach((rc, inventory) -> {
                units[0] = random.nextInt(inventory.total() + 1);
                changed.put(rc, Inventory.of(inventory.total(), units[0]));
            });
            world.putInventories(uuid, new ProviderInventories(seen.provider().generation(), changed));
            truth.touched(uuid);
            others.event("reserved %d of %s".formatted(units[0], seen));
            int before = seen.inventories().byClass().values().stream()
                    .mapToInt(Inventory::reserved)
                    .sum();
            boolean forCleaning = truth.address(seen.provider().name())
                    .filter(address -> awaited.contains(address) || truth.dirty.contains(address))
                    .isPresent();
            if (units[0] > before && !forCleaning) {
                truth.reserved.put(uuid, units[0]);
            } else if (units[0] < before) {
                truth.reserved.remove(uuid);
            }
            if (!seen.oneTimeUse()
                    && !truth.address(seen.provider().name())
                            .filter(recorded()::contains)
                            .isPresent()) {
                // Where neither Placement nor the object says any more that it is for one use, that is a person's word.
                truth.address(seen.provider().name()).ifPresent(truth.dirty::remove);
            }
        });
    }

    /** A person cleans a device that is said to await it, and confirms that. */
    private void clean() {
        List<PciAddress> waiting = uncleaned.keySet().stream()
                .filter(address -> truth.refresh().values().stream()
                        .filter(seen -> truth.address(seen.provider().name()).equals(Optional.of(address)))
                        .noneMatch(seen -> truth.held.values().stream()
                                .anyMatch(held ->
                                        held.provider().equals(seen.provider().uuid()))))
                .sorted()
                .toList();
        others.any(waiting).ifPresent(address -> {
            confirmations.put(address, "cleaned-" + made++);
            others.event("cleaned: " + address);
            truth.cleaned(address);
        });
    }

    /** Nobody has lost or gained anything. */
    void checkConsumers() {
        truth.held.forEach((consumer, has) -> assertThat(
                        world.allocation(consumer).resources())
                .as("what %s has", consumer)
                .isEqualTo(Map.of(has.provider(), Map.of(has.resourceClass(), 1))));
    }

    /** Left in peace it comes to rest, and once everybody has let go nothing is held. */
    void end() {
        node = true;
        listed = true;
        if (world.providerNamed(host).isEmpty()) {
            others.nameRoot();
        }
        if (truth.roots.size() > 1) {
            others.removeOldRoot();
        }
        settle();
        truth.check(last);
        checkConsumers();
        faults.writes.clear();
        settle();
        assertThat(faults.writes).as("nothing is written twice").isEmpty();
        List.copyOf(truth.held.keySet()).forEach(others::release);
        settle();
        truth.check(last);
        assertThat(last).isPresent();
        assertThat(last.get().providers())
                .allMatch(result -> result.decision().findings().stream()
                        .noneMatch(finding -> finding.reason().equals("Held")));
        secondWriter();
    }

    /** Another client changes a provider back each time: the operator gives in, and says so. */
    private void secondWriter() {
        Optional<UUID> wanted = others.any(last.orElseThrow().providers().stream()
                .map(ProviderResult::decision)
                .filter(decision -> decision.state() == ProviderDecision.State.WANTED)
                .map(ProviderDecision::uuid)
                .toList());
        if (wanted.isEmpty()) {
            return;
        }
        Seen theirs = null;
        int written = 0;
        for (int round = 0; round < 6; round++) {
            Seen now = truth.refresh().get(wanted.get());
            if (theirs == null || !now.traits().traits().equals(theirs.traits().traits())) {
                others.changeTraits(now);
                theirs = truth.refresh().get(wanted.get());
            }
            faults.writes.clear();
            look(false);
            written += faults.writes.isEmpty() ? 0 : 1;
        }
        assertThat(written).as("two writers come to rest").isLessThanOrEqualTo(2);
        assertThat(last.orElseThrow().providers())
                .anySatisfy(result -> assertThat(result.decision().findings())
                        .extracting(finding -> finding.reason())
                        .contains("RewrittenByOther"));
    }

    private void settle() {
        for (int i = 0; i < 5; i++) {
            look(false);
        }
    }
}
