package io.pciplacement.simulation;

import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.Consumer;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.DeviceRef;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.GroupPolicy;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.ManagedBy;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.Move;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.MovePhase;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.MoveType;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.Request;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.Phase;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.planning.admission.MoveChange.Progress;
import io.pciplacement.planning.finding.Annotations;
import io.pciplacement.testing.Devices;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;

/**
 * Random simulation of PciAllocations that hold, claim, move and release devices, while Nova and other clients write
 * allocations and the operator has failing requests, delayed events and crashes. The invariants are in
 * {@link AllocationInvariants}.
 */
public final class AllocationSimulation {

    private static final int MOST_OBJECTS = 9;
    private static final PciAddress VF_THAT_GOES = Devices.at("0000:81:02.3");

    private final Random random;
    private final SimulatedCloud cloud;
    private final ExternalWriters externalWriters;
    private final AllocationInvariants invariants;
    private final SimulatedEditors editors;
    private final ExternalEvents externalEvents;
    /** Names of objects, latest first: some names are reused after deletion. */
    private final List<String> names = new ArrayList<>();

    private int counter;

    /** Creates hosts in a Placement, with a name prefix. */
    public AllocationSimulation(
            PlacementClient placement, String prefix, int hosts, Random random, ExecutorService pool) {
        this.random = random;
        this.cloud = new SimulatedCloud(placement, prefix, hosts, random, pool);
        this.externalWriters = new ExternalWriters(placement, random, cloud.roots);
        this.invariants = new AllocationInvariants(placement, cloud, externalWriters);
        this.editors = new SimulatedEditors(externalWriters, random);
        this.externalEvents = new ExternalEvents(cloud, externalWriters, invariants, random);
        cloud.runUntilIdle();
    }

    /** Runs one random event and some of the operator's tasks. */
    public void runStep() {
        runRandomEvent();
        switch (random.nextInt(6)) {
            case 0, 1 -> {}
            case 2 -> cloud.faults.oneOf(random.nextInt(12));
            case 3 -> cloud.faults.killProcessAt(random.nextInt(12));
            default -> cloud.faults.runConcurrently(random.nextInt(12), externalEvents::run);
        }
        if (random.nextInt(3) == 0) {
            cloud.operator.tick();
        }
        cloud.operator.processTasks(random.nextInt(30));
    }

    /** Runs the operator without faults until it is idle, then checks the settled state. */
    public void runUntilIdle() {
        cloud.runUntilIdle();
        invariants.checkSettled();
    }

    /** Checks the current state, and the settled state without further faults. */
    public void checkNow() {
        invariants.checkAlways();
    }

    /** Without further events the operator settles, stops writing, and finally releases everything. */
    public void checkEnd() {
        cloud.runUntilIdle();
        invariants.checkSettled();
        cloud.faults.written.clear();
        cloud.operator.start();
        cloud.runUntilIdle();
        if (!cloud.faults.written.isEmpty()) {
            throw new AssertionError("a restart writes although Placement is in sync: " + cloud.faults.written);
        }
        invariants.checkSettled();
        cloud.api.allocations().forEach(this::deleteObject);
        cloud.runUntilIdle();
        invariants.checkSettled();
    }

    private void runRandomEvent() {
        switch (random.nextInt(28)) {
            case 0, 1, 2 -> addConsumer(ManagedBy.OPERATOR, true);
            case 3 -> addConsumer(ManagedBy.OPERATOR, false);
            case 4, 5 -> addConsumer(ManagedBy.EXTERNAL, false);
            case 6 -> addConsumer(ManagedBy.EXTERNAL, true);
            case 7, 8 -> externalEvents.pickAllocation().ifPresent(this::deleteObject);
            case 9 -> externalEvents.pickAllocation().ifPresent(this::editObject);
            case 10, 11, 12 -> externalEvents.pickAllocation().ifPresent(this::changeMove);
            case 13 -> removeOrAddDevice();
            case 14 -> confirmCleaning();
            case 15 -> cloud.operator.start();
            case 16, 17, 18 -> editors.foreignConsumer().ifPresent(this::addConsumer);
            case 19 -> externalEvents.pickAllocation().ifPresent(this::restore);
            case 20 -> editors.unaccountedConsumer().ifPresent(this::addAndDeleteUnsatisfiable);
            case 21 ->
                externalEvents
                        .pickAllocation()
                        .filter(object -> !externalWriters.unaccounted.contains(consumer(object)))
                        .ifPresent(object -> addConsumer(object.getSpec().consumer()));
            default -> externalEvents.run();
        }
    }

    private static UUID consumer(PciAllocation object) {
        return UUID.fromString(object.getSpec().consumer().uuid());
    }

    private void addConsumer(ManagedBy managedBy, boolean hasRequests) {
        if (cloud.api.allocations().size() >= MOST_OBJECTS) {
            return;
        }
        counter++;
        Consumer consumer =
                new Consumer(cloud.uuid().toString(), "INSTANCE", "project-" + counter, "user-" + counter, managedBy);
        UUID uuid = UUID.fromString(consumer.uuid());
        externalWriters.setOwner(uuid, Integer.toString(counter));
        PciAllocationSpec spec =
                hasRequests ? specWithRequests(consumer) : specWithDevices(consumer, pickDevices(), null);
        if (managedBy == ManagedBy.OPERATOR) {
            invariants.markManaged(uuid);
        } else if (random.nextInt(4) > 0) {
            externalWriters.allocateFlavor(
                    uuid,
                    hasRequests || random.nextInt(4) == 0
                            ? externalEvents.pickHost()
                            : spec.devices().getFirst().node());
        }
        create(spec);
    }

    /** Creates an object for a foreign or unknown consumer. */
    private void addConsumer(Consumer consumer) {
        if (cloud.api.allocations().size() < MOST_OBJECTS) {
            if (consumer.managedBy() == ManagedBy.OPERATOR && !editors.isKnownConsumer(consumer)) {
                invariants.markManaged(UUID.fromString(consumer.uuid()));
            }
            create(random.nextBoolean() ? specWithRequests(consumer) : specWithDevices(consumer, pickDevices(), null));
        }
    }

    /** Restores an object from a backup while its consumer has allocations. */
    private void restore(PciAllocation object) {
        externalWriters.followObject(object);
        invariants.markRestored(object);
        cloud.api.restore(object.getMetadata().getName());
    }

    /** An object that cannot be satisfied exists for a short time; its consumer has other devices. */
    private void addAndDeleteUnsatisfiable(Consumer consumer) {
        UUID uuid = UUID.fromString(consumer.uuid());
        if (cloud.api.allocations().stream()
                .anyMatch(object -> PciAllocationMapper.toDesiredAllocation(object)
                        .consumerUuids()
                        .contains(uuid))) {
            return;
        }
        String name = create(editors.unsatisfiableSpec(consumer, externalEvents.pickHost()));
        cloud.operator.processTasks(random.nextInt(12));
        cloud.api.delete(name);
    }

    private String create(PciAllocationSpec spec) {
        Optional<String> free = names.stream()
                .filter(name -> cloud.api.allocation(name).isEmpty())
                .findFirst();
        if (free.isPresent() && random.nextBoolean()) {
            cloud.api.create(free.get(), spec);
            return free.get();
        }
        names.addFirst(cloud.api.create(spec));
        return names.getFirst();
    }

    private void deleteObject(PciAllocation object) {
        if (!PciAllocationMapper.isOperatorManaged(object)) {
            // Earlier writes for it are kept.
            externalWriters.followObject(object);
        }
        cloud.api.delete(object.getMetadata().getName());
    }

    private static PciAllocationSpec specWithDevices(Consumer consumer, List<DeviceRef> devices, Move move) {
        return new PciAllocationSpec(consumer, devices, null, null, null, null, move);
    }

    private PciAllocationSpec specWithRequests(Consumer consumer) {
        List<Request> requests = new ArrayList<>(List.of(request("first")));
        if (random.nextInt(4) == 0) {
            requests.add(request("second"));
        }
        return new PciAllocationSpec(
                consumer,
                null,
                requests,
                random.nextInt(3) == 0 ? GroupPolicy.ISOLATE : null,
                null,
                random.nextInt(4) == 0 ? externalEvents.pickHost() : null,
                null);
    }

    private Request request(String name) {
        int count = 1 + random.nextInt(2);
        return switch (random.nextInt(6)) {
            case 0 -> new Request(name, null, null, "8086", "1533", null, null, null, null);
            case 1 -> new Request(name, null, null, "8086", "1528", DeviceType.PF, null, null, null);
            case 2 -> new Request(name, count, "vf", null, null, null, List.of("blue"), null, null);
            case 3 -> new Request(name, count, "vf", null, null, null, null, List.of("blue"), null);
            default -> new Request(name, count, "vf", null, null, DeviceType.VF, null, null, null);
        };
    }

    /** One or two devices of one host; some of them cannot be allocated. */
    private List<DeviceRef> pickDevices() {
        String host = externalEvents.pickHost();
        List<PciDevice> all = new ArrayList<>(cloud.devices.get(host).devices());
        all.removeIf(device -> device.type() == DeviceType.PF && random.nextInt(3) > 0);
        Collections.shuffle(all, random);
        return all.subList(0, 1 + random.nextInt(2)).stream()
                .map(device -> new DeviceRef(host, device.address().toString()))
                .toList();
    }

    private void editObject(PciAllocation object) {
        PciAllocationSpec before = object.getSpec();
        if (before.move() == null) {
            boolean hasRequests = before.requests() != null;
            cloud.api.update(
                    object.getMetadata().getName(),
                    hasRequests == (random.nextInt(6) > 0)
                            ? specWithRequests(before.consumer())
                            : specWithDevices(before.consumer(), pickDevices(), null));
        }
    }

    /**
     * Changes a move as the webhook allows: it starts at the consumer's current devices and is removed when it has
     * ended.
     */
    private void changeMove(PciAllocation object) {
        Consumer consumer = object.getSpec().consumer();
        String name = object.getMetadata().getName();
        Move move = object.getSpec().move();
        List<DeviceRef> at = PciAllocationMapper.toDesiredAllocation(object).devices().stream()
                .map(device -> new DeviceRef(device.node(), device.address().toString()))
                .toList();
        if (move == null) {
            List<DeviceRef> to = pickDevices();
            if (!at.isEmpty() && Collections.disjoint(at, to)) {
                List<MoveType> types = consumer.managedBy() == ManagedBy.OPERATOR
                        ? List.of(MoveType.values())
                        : List.of(MoveType.COLD_MIGRATION, MoveType.RESIZE, MoveType.LIVE_MIGRATION);
                boolean sameHost = at.getFirst().node().equals(to.getFirst().node());
                MoveType type = sameHost ? MoveType.RESIZE : types.get(random.nextInt(types.size()));
                Optional<UUID> foreign =
                        editors.foreignUuid(6).filter(uuid -> !uuid.toString().equals(consumer.uuid()));
                UUID migration = foreign.orElseGet(cloud::uuid);
                if (consumer.managedBy() == ManagedBy.OPERATOR && foreign.isEmpty()) {
                    invariants.markManaged(migration);
                }
                cloud.api.update(
                        name,
                        specWithDevices(consumer, to, new Move(type, migration.toString(), MovePhase.MOVING, at)));
            }
            return;
        }
        if (PciAllocationMapper.moveProgress(object) == Progress.NOT_STARTED
                || PciAllocationMapper.moveProgress(object) == Progress.SOURCE_MISMATCH) {
            cloud.api.update(name, specWithDevices(consumer, move.sourceDevices(), null));
            return;
        }
        externalWriters.followObject(object);
        Phase reached = object.getStatus() == null ? null : object.getStatus().phase();
        switch (move.phase()) {
            case MOVING -> {
                MovePhase end = random.nextBoolean() ? MovePhase.CONFIRM : MovePhase.REVERT;
                cloud.api.update(
                        name,
                        specWithDevices(
                                consumer, at, new Move(move.type(), move.migrationUuid(), end, move.sourceDevices())));
            }
            case CONFIRM -> {
                if (reached == Phase.CONFIRMED) {
                    cloud.api.update(name, specWithDevices(consumer, at, null));
                }
            }
            case REVERT -> {
                if (reached == Phase.REVERTED) {
                    cloud.api.update(name, specWithDevices(consumer, move.sourceDevices(), null));
                }
            }
        }
    }

    private void removeOrAddDevice() {
        String host = externalEvents.pickHost();
        boolean there = cloud.devices.get(host).findDevice(VF_THAT_GOES).isPresent();
        cloud.devices.put(
                host,
                there
                        ? new HostDevices(SimulatedCloud.DEVICES.devices().stream()
                                .filter(device -> !device.address().equals(VF_THAT_GOES))
                                .toList())
                        : SimulatedCloud.DEVICES);
        cloud.operator.hostChanged(host);
    }

    /** A user cleans a one-time-use device that awaits cleaning and confirms it. */
    private void confirmCleaning() {
        String host = externalEvents.pickHost();
        if (!invariants.awaitsCleaning(host)) {
            return;
        }
        cloud.api
                .hosts()
                .get(host)
                .getMetadata()
                .setAnnotations(
                        Map.of(Annotations.cleanedKey(Devices.at("0000:81:01.0")), Integer.toString(++counter)));
        invariants.markCleaned(host);
        cloud.operator.hostChanged(host);
    }
}
