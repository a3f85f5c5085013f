package io.pciplacement.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ProviderName;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.AdoptionContext;
import io.pciplacement.planning.AllocatedDevices;
import io.pciplacement.planning.CleaningRecord;
import io.pciplacement.planning.DeviceIdentities;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.UncleanedDevice;
import io.pciplacement.simulation.HostGroundTruth.AllocatedUnit;
import io.pciplacement.simulation.HostGroundTruth.ProviderContent;
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
 * Random simulation of one host: its specs, devices, consumers, administrator, Node, object and root provider change,
 * requests of the operator fail, and the operator crashes. The invariants are in {@link HostGroundTruth}.
 */
final class HostSimulation {

    static final ResourceClass VCPU = new ResourceClass("VCPU");
    private static final int MOST_CONSUMERS = 6;
    private static final int MOST_SPECS = 8;

    private final PlacementClient placement;
    private final FaultInjector faults;
    private final PlacementClient flaky;
    private final Random random;
    private final ExecutorService pool;
    private final String host;
    /** If a PF and its VFs have the same resource class, only the recorded device type distinguishes them. */
    private final boolean oneClass;

    private final HostGroundTruth groundTruth;
    private final OtherClients otherClients;
    private final List<DeviceSpec> specs = new ArrayList<>();
    private HostDevices devices;
    private boolean node = true;
    private PlacementSync sync;
    private Optional<HostSyncResult.Synced> last = Optional.empty();
    private int counter;

    /** The devices that the operator keeps reserved until they are cleaned, regardless of the status. */
    private Set<PciAddress> awaitingCleaning = Set.of();

    /** Whether the operator has completely read the host since its start. */
    private boolean hasSynced;

    // Content of the host's object.
    private boolean listed = true;
    private Map<String, ProviderSnapshot> snapshots = Map.of();
    private Map<PciAddress, UncleanedDevice> uncleaned = Map.of();
    private @Nullable UUID recordedRoot;
    private final Map<PciAddress, String> confirmations = new HashMap<>();

    /** @param rename renames a provider, which the operator never does */
    HostSimulation(
            PlacementClient placement,
            BiConsumer<UUID, String> rename,
            String host,
            Random random,
            ExecutorService pool) {
        this.placement = placement;
        this.host = host;
        this.random = random;
        this.pool = pool;
        this.oneClass = random.nextBoolean();
        this.faults = new FaultInjector(random);
        this.flaky = faults.before(placement);
        this.devices = RandomSpecs.host(random);
        this.sync = new PlacementSync(flaky, OwnershipTraits.DEFAULT, pool);
        this.groundTruth = new HostGroundTruth(placement, host);
        this.otherClients = new OtherClients(
                placement,
                rename,
                host,
                random,
                groundTruth,
                address -> hasSynced || recorded().contains(address));
        otherClients.newRoot();
        UUID foreign = otherClients.randomUuid();
        placement.createProvider(foreign, host + "_0000:81:01.0", Optional.of(groundTruth.root()));
        placement.putInventories(foreign, new ProviderInventories(0, new TreeMap<>(Map.of(VCPU, Inventory.of(3, 1)))));
        groundTruth.markForeign(foreign);
    }

    /** The latest events. */
    String eventLog() {
        return otherClients.eventLog();
    }

    /** Runs one random event and checks the operator's reaction. */
    void runStep() {
        switch (random.nextInt(24)) {
            case 0, 1 -> addSpec();
            case 2, 3 -> removeSpec();
            case 4, 5 -> {
                devices = RandomSpecs.host(random);
                otherClients.logEvent("devices "
                        + devices.devices().stream()
                                .map(device -> device.address() + " " + device.type())
                                .toList());
            }
            case 6, 7 -> addAllocation(false);
            case 8 -> addAllocation(true);
            case 9 -> removeAllocation();
            case 10 -> changeReservation();
            case 11 -> restart();
            case 12 -> node = !node && random.nextBoolean();
            case 13 -> node = true;
            case 14 -> restoreObject();
            case 15 -> listed = true;
            case 16, 17 -> confirmCleaning();
            case 18 -> otherClients.changeProvider();
            case 19 -> otherClients.changeRoot();
            default -> {
                syncHost(random.nextInt(3) > 0);
                groundTruth.checkInvariants(last);
            }
        }
    }

    private void addSpec() {
        if (specs.size() < MOST_SPECS) {
            Specs spec = RandomSpecs.spec(random, "s" + counter++);
            if (random.nextInt(3) == 0) {
                spec.oneTimeUse();
            }
            specs.add((oneClass ? spec.as("red") : spec).build());
            otherClients.logEvent("spec " + specs.getLast());
        }
    }

    private void removeSpec() {
        if (!specs.isEmpty()) {
            otherClients.logEvent("spec removed: "
                    + specs.remove(random.nextInt(specs.size())).name());
        }
    }

    private void restart() {
        otherClients.logEvent("the operator restarts");
        hasSynced = false;
        faults.none();
        sync = new PlacementSync(flaky, OwnershipTraits.DEFAULT, pool);
        groundTruth.onRecordLost(recorded());
    }

    /** The devices recorded in the host's object. */
    private Set<PciAddress> recorded() {
        Set<PciAddress> recorded = new TreeSet<>(uncleaned.keySet());
        snapshots.forEach((name, snapshot) -> {
            if (snapshot.content() != null) {
                ProviderName.findAddress(name).ifPresent(recorded::add);
            }
        });
        return recorded;
    }

    /** The object is deleted and created again from git: with old annotations and without status. */
    private void restoreObject() {
        otherClients.logEvent("the object is restored");
        listed = false;
        snapshots = Map.of();
        uncleaned = Map.of();
        recordedRoot = null;
        groundTruth.onRecordLost(Set.of());
    }

    private void syncHost(boolean withFaults) {
        if (withFaults && random.nextInt(4) == 0) {
            faults.killProcessAt(random.nextInt(10));
        } else if (withFaults) {
            faults.oneOf(random.nextInt(10));
        }
        last = Optional.empty();
        HostSyncRequest.Missing missing =
                !node ? HostSyncRequest.Missing.NODE : listed ? null : HostSyncRequest.Missing.DEVICE_LIST;
        boolean known = missing == null && groundTruth.isRootUsable();
        int before = faults.writes.size();
        try {
            sync.runSweep();
            // A root provider outside the listings is verified in each sweep; one more request may be needed to
            // reconnect.
            sync.runSweep();
            HostSyncResult result = sync.syncHost(new HostSyncRequest(
                    host,
                    host,
                    false,
                    HostSyncRequest.WriteScope.PROVIDERS,
                    missing,
                    devices,
                    specs,
                    new HostRecord(
                            snapshots,
                            DeviceIdentities.NONE,
                            CleaningRecord.of(uncleaned, confirmations),
                            recordedRoot),
                    AllocatedDevices.NONE,
                    AdoptionContext.Mode.NONE));
            faults.none();
            otherClients.logEvent("sync: " + OtherClients.describeResult(result));
            if (result instanceof HostSyncResult.Synced synced) {
                checkResult(synced);
            }
        } catch (FaultInjector.Killed e) {
            restart();
        } catch (RuntimeException e) {
            if (!faults.isKilled()) {
                throw e;
            }
            restart();
        }
        if (!known) {
            assertThat(faults.writes.subList(before, faults.writes.size()))
                    .as("nothing is written while information about the host is missing")
                    .isEmpty();
        }
    }

    private void checkResult(HostSyncResult.Synced synced) {
        awaitingCleaning = synced.uncleaned().keySet();
        hasSynced = true;
        boolean all = synced.providers().stream().allMatch(r -> r.progress() instanceof HostSyncResult.Progress.Done);
        last = all ? Optional.of(synced) : Optional.empty();
        if (random.nextInt(8) == 0) {
            otherClients.logEvent("the status is not written");
        } else {
            // The status that would be written unless the API server is unavailable.
            snapshots = synced.providers().stream()
                    .collect(Collectors.toMap(result -> result.decision().name(), ProviderResult::toSnapshot));
            uncleaned = synced.uncleaned();
            recordedRoot = synced.root();
        }
    }

    /** Allocates a unit that was last known to be free, possibly only temporarily. Placement may reject it. */
    private void addAllocation(boolean temporary) {
        List<ProviderDecision> offered = last.stream()
                .flatMap(synced -> synced.providers().stream())
                .map(ProviderResult::decision)
                .filter(decision -> !decision.inventories().isEmpty())
                .toList();
        if (offered.isEmpty() || groundTruth.held.size() >= MOST_CONSUMERS) {
            return;
        }
        ProviderDecision decision = offered.get(random.nextInt(offered.size()));
        ResourceClass resourceClass = decision.inventories().firstKey();
        UUID consumer = otherClients.randomUuid();
        try {
            otherClients.allocate(consumer, decision.uuid(), resourceClass);
            groundTruth.held.put(consumer, new AllocatedUnit(decision.uuid(), resourceClass, decision.deviceType()));
            otherClients.logEvent("used" + (temporary ? " temporarily: " : ": ") + decision.name());
            groundTruth.markUsed(decision.uuid());
            if (temporary) {
                otherClients.release(consumer);
            }
        } catch (PlacementException.CapacityExceeded e) {
            // No capacity was left.
        } catch (PlacementException.Rejected | PlacementException.NotFound e) {
            // Another client has deleted it.
        }
    }

    private void removeAllocation() {
        otherClients.pickAny(List.copyOf(groundTruth.held.keySet())).ifPresent(otherClients::release);
    }

    /** An administrator reserves units or releases the reservation. */
    private void changeReservation() {
        otherClients.pickOperatorProvider().ifPresent(content -> {
            UUID uuid = content.provider().uuid();
            TreeMap<ResourceClass, Inventory> changed = new TreeMap<>();
            int[] units = {0};
            content.inventories().byClass().forEach((rc, inventory) -> {
                units[0] = random.nextInt(inventory.total() + 1);
                changed.put(rc, Inventory.of(inventory.total(), units[0]));
            });
            placement.putInventories(
                    uuid, new ProviderInventories(content.provider().generation(), changed));
            groundTruth.markTouched(uuid);
            otherClients.logEvent("reserved %d of %s".formatted(units[0], content));
            int before = content.inventories().byClass().values().stream()
                    .mapToInt(Inventory::reserved)
                    .sum();
            boolean forCleaning = ProviderName.findAddress(content.provider().name())
                    .filter(address -> awaitingCleaning.contains(address) || groundTruth.dirty.contains(address))
                    .isPresent();
            if (units[0] > before && !forCleaning) {
                groundTruth.reserved.put(uuid, units[0]);
            } else if (units[0] < before) {
                groundTruth.reserved.remove(uuid);
            }
            if (!content.oneTimeUse()
                    && !ProviderName.findAddress(content.provider().name())
                            .filter(recorded()::contains)
                            .isPresent()) {
                // If neither Placement nor the object still marks it as one-time-use, the reservation counts as the
                // administrator's.
                ProviderName.findAddress(content.provider().name()).ifPresent(groundTruth.dirty::remove);
            }
        });
    }

    /** A user cleans a device that awaits cleaning and confirms it. */
    private void confirmCleaning() {
        List<PciAddress> waiting = uncleaned.keySet().stream()
                .filter(address -> groundTruth.refresh().values().stream()
                        .filter(content -> ProviderName.findAddress(
                                        content.provider().name())
                                .equals(Optional.of(address)))
                        .noneMatch(content -> groundTruth.held.values().stream()
                                .anyMatch(held -> held.provider()
                                        .equals(content.provider().uuid()))))
                .sorted()
                .toList();
        otherClients.pickAny(waiting).ifPresent(address -> {
            confirmations.put(address, "cleaned-" + counter++);
            otherClients.logEvent("cleaned: " + address);
            groundTruth.markCleaned(address);
        });
    }

    /** No consumer has lost or gained allocations. */
    void checkConsumers() {
        groundTruth.held.forEach((consumer, unit) -> assertThat(
                        placement.getAllocation(consumer).resources())
                .as("resources of %s", consumer)
                .isEqualTo(Map.of(unit.provider(), Map.of(unit.resourceClass(), 1))));
    }

    /** Without further events the operator settles, and once all consumers are released nothing is held. */
    void checkEnd() {
        node = true;
        listed = true;
        if (placement.findProviderByName(host).isEmpty()) {
            otherClients.createRoot();
        }
        if (groundTruth.roots.size() > 1) {
            otherClients.removeOldRoot();
        }
        syncUntilSettled();
        groundTruth.checkInvariants(last);
        checkConsumers();
        faults.writes.clear();
        syncUntilSettled();
        assertThat(faults.writes).as("nothing is written twice").isEmpty();
        List.copyOf(groundTruth.held.keySet()).forEach(otherClients::release);
        syncUntilSettled();
        groundTruth.checkInvariants(last);
        assertThat(last).isPresent();
        assertThat(last.get().providers())
                .allMatch(result -> result.decision().findings().stream()
                        .noneMatch(finding -> finding.reason().equals("Held")));
        checkSecondWriter();
    }

    /** Another client reverts a provider each time: the operator stops writing it and reports that. */
    private void checkSecondWriter() {
        Optional<UUID> wanted = otherClients.pickAny(last.orElseThrow().providers().stream()
                .map(ProviderResult::decision)
                .filter(decision -> decision.state() == ProviderDecision.State.WANTED)
                .map(ProviderDecision::uuid)
                .toList());
        if (wanted.isEmpty()) {
            return;
        }
        ProviderContent written = null;
        int writes = 0;
        for (int round = 0; round < 6; round++) {
            ProviderContent now = groundTruth.refresh().get(wanted.get());
            if (written == null
                    || !now.traits().traits().equals(written.traits().traits())) {
                otherClients.changeTraits(now);
                written = groundTruth.refresh().get(wanted.get());
            }
            faults.writes.clear();
            syncHost(false);
            writes += faults.writes.isEmpty() ? 0 : 1;
        }
        assertThat(writes)
                .as("writes of a provider that another client reverts")
                .isLessThanOrEqualTo(2);
        assertThat(last.orElseThrow().providers())
                .anySatisfy(result -> assertThat(result.decision().findings())
                        .extracting(finding -> finding.reason())
                        .contains("RewrittenByOther"));
    }

    private void syncUntilSettled() {
        for (int i = 0; i < 5; i++) {
            syncHost(false);
        }
    }
}
