package io.pciplacement.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.HostAttachments;
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
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.reservation.ReservationPolicy;
import io.pciplacement.simulation.HostGroundTruth.AllocatedUnit;
import io.pciplacement.sync.PlacementSync;
import io.pciplacement.sync.host.HostSyncRequest;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.host.HostSyncResult.ProviderResult;
import io.pciplacement.sync.reservation.ReservationRecordStore;
import io.pciplacement.testing.FaultInjector;
import io.pciplacement.testing.RandomSpecs;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.function.BiConsumer;

/**
 * Random simulation of one host: its specs, devices, consumers, administrator, Node, object and root provider change,
 * requests of the operator fail, and the operator crashes. The invariants are in {@link HostGroundTruth}.
 */
final class HostSimulation {

    static final ResourceClass VCPU = new ResourceClass("VCPU");
    private static final int MOST_CONSUMERS = 6;

    private final PlacementClient placement;
    private final FaultInjector faults;
    private final PlacementClient flaky;
    private final Random random;
    private final ExecutorService pool;
    private final String host;

    /** Whether a missing root provider may be created; it never is, because the previous one can be found. */
    private final boolean createsRoot;

    private final HostGroundTruth groundTruth;
    private final OtherClients otherClients;
    private final SimulatedSpecs specs;
    private HostDevices devices;
    private boolean node = true;
    private PlacementSync sync;
    private Optional<HostSyncResult.Synced> last = Optional.empty();
    private int counter;

    /** The devices that the operator keeps reserved until they are cleaned, regardless of the status. */
    private Set<PciAddress> awaitingCleaning = Set.of();

    /** Whether the operator has completely read the host since its start. */
    private boolean hasSynced;

    private final SimulatedHostObject object = new SimulatedHostObject();

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
        boolean oneClass = random.nextBoolean();
        this.createsRoot = random.nextBoolean();
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
                address -> hasSynced || object.oneTimeUseDevices().contains(address));
        this.specs = new SimulatedSpecs(random, oneClass, otherClients);
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
        switch (random.nextInt(26)) {
            case 0, 1 -> specs.add();
            case 2, 3 -> specs.remove();
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
            case 15 -> object.listed = true;
            case 16, 17 -> confirmCleaning();
            case 18 -> otherClients.changeProvider();
            case 19 -> otherClients.changeRoot();
            case 20, 21 ->
                otherClients
                        .pickAny(List.copyOf(groundTruth.held.values()))
                        .ifPresent(held -> specs.switchDeviceType(
                                held, groundTruth.refresh().get(held.provider())));
            default -> {
                syncHost(random.nextInt(3) > 0);
                groundTruth.checkInvariants(last);
            }
        }
    }

    private void restart() {
        otherClients.logEvent("the operator restarts");
        hasSynced = false;
        faults.none();
        sync = new PlacementSync(flaky, OwnershipTraits.DEFAULT, pool);
        groundTruth.onRecordLost(object.oneTimeUseDevices());
        groundTruth.onRestart(object::isTypeRecorded);
    }

    /** The object is deleted and created again from git: with old annotations and without status. */
    private void restoreObject() {
        otherClients.logEvent("the object is restored");
        object.restore();
        groundTruth.onRecordLost(Set.of());
    }

    private void syncHost(boolean withFaults) {
        // Most requests are those of the sweeps; a fault of the sync itself is as important.
        boolean faultInSync = withFaults && random.nextBoolean();
        if (withFaults && !faultInSync) {
            injectFault();
        }
        last = Optional.empty();
        HostSyncRequest.Missing missing =
                !node ? HostSyncRequest.Missing.NODE : object.listed ? null : HostSyncRequest.Missing.DEVICE_LIST;
        boolean known = missing == null && groundTruth.isRootUsable();
        int before = faults.writes.size();
        try {
            sync.runSweep();
            // A root provider outside the listings is verified in each sweep; one more request may be needed to
            // reconnect.
            sync.runSweep();
            if (faultInSync) {
                injectFault();
            }
            HostSyncResult result = sync.syncHost(new HostSyncRequest(
                    host,
                    host,
                    createsRoot && groundTruth.isRootTraceable(object.root()),
                    HostSyncRequest.WriteScope.PROVIDERS,
                    missing,
                    devices,
                    specs.current(),
                    object.toRecord(),
                    AllocatedDevices.NONE,
                    AdoptionContext.Mode.NONE,
                    HostAttachments.UNKNOWN,
                    ReservationPolicy.NONE,
                    ReservationRecordStore.READ_ONLY));
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

    private void injectFault() {
        if (random.nextInt(4) == 0) {
            faults.killProcessAt(random.nextInt(10));
        } else {
            faults.oneOf(random.nextInt(10));
        }
    }

    private void checkResult(HostSyncResult.Synced synced) {
        awaitingCleaning = synced.uncleaned().keySet();
        hasSynced = true;
        boolean all = synced.providers().stream().allMatch(r -> r.progress() instanceof HostSyncResult.Progress.Done);
        last = all ? Optional.of(synced) : Optional.empty();
        synced.providers().stream()
                .map(ProviderResult::decision)
                .filter(decision -> decision.uncleaned() == null)
                .forEach(decision -> groundTruth.markReservationRead(decision.uuid()));
        if (random.nextInt(8) == 0) {
            otherClients.logEvent("the status is not written");
        } else {
            // The status that would be written unless the API server is unavailable.
            object.recordResult(synced, sync.providersBelow(synced.root()).values());
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
        allocate(offered.get(random.nextInt(offered.size())), temporary);
    }

    private void allocate(ProviderDecision decision, boolean temporary) {
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
                groundTruth.markReservationLowered(uuid);
            }
            if (!content.oneTimeUse()
                    && !ProviderName.findAddress(content.provider().name())
                            .filter(object.oneTimeUseDevices()::contains)
                            .isPresent()) {
                // If neither Placement nor the object still marks it as one-time-use, the reservation counts as the
                // administrator's.
                ProviderName.findAddress(content.provider().name()).ifPresent(groundTruth.dirty::remove);
            }
        });
    }

    /** A user confirms that a device was cleaned; it counts only if no consumer has the device. */
    private void confirmCleaning() {
        otherClients
                .pickAny(object.uncleanedDevices().stream().sorted().toList())
                .ifPresent(address -> {
                    String before = object.confirmations.put(address, "cleaned-" + counter++);
                    if (!isHeld(address)) {
                        otherClients.logEvent("cleaned: " + address);
                        groundTruth.markCleaned(address);
                        return;
                    }
                    otherClients.logEvent("confirmed while in use: " + address);
                    syncHost(false);
                    if (last.isEmpty()) {
                        // Without a sync, the operator would read the confirmation after the release.
                        object.confirmations.put(address, before == null ? "" : before);
                        object.confirmations.values().remove("");
                    }
                });
    }

    private boolean isHeld(PciAddress address) {
        return groundTruth.refresh().values().stream()
                .filter(content ->
                        ProviderName.findAddress(content.provider().name()).equals(Optional.of(address)))
                .anyMatch(content -> groundTruth.held.values().stream()
                        .anyMatch(held ->
                                held.provider().equals(content.provider().uuid())));
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
        object.listed = true;
        otherClients.removeNestedRoot();
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
        new SecondWriterCheck(
                        placement,
                        faults,
                        otherClients,
                        groundTruth,
                        random,
                        this::syncCompletely,
                        decision -> allocate(decision, true))
                .run(last.get());
    }

    /** Syncs without faults, completely. */
    private HostSyncResult.Synced syncCompletely() {
        syncHost(false);
        return last.orElseThrow();
    }

    private void syncUntilSettled() {
        for (int i = 0; i < 5; i++) {
            syncHost(false);
        }
    }
}
