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
import io.pciplacement.placement.ResourceClass;
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
 * Hosts whose devices are held, wanted, moved and let go by PciAllocations as chance says, while Nova and strangers
 * write allocations too and the operator meets failing requests, late news and kills. What must hold of it is
 * {@link AllocationInvariants}'s.
 */
public final class AllocationSimulation {

    private static final int MOST_OBJECTS = 9;
    private static final PciAddress VF_THAT_GOES = Devices.at("0000:81:02.3");

    private final Random random;
    private final SimulatedCloud cloud;
    private final ExternalWriters hands;
    private final AllocationInvariants check;
    private final SimulatedEditors editors;
    /** What objects were called, the latest first: some names are given again as soon as nobody has them. */
    private final List<String> names = new ArrayList<>();

    private int made;

    /** Makes hosts in a Placement; their names begin so. */
    public AllocationSimulation(PlacementClient world, String prefix, int hosts, Random random, ExecutorService pool) {
        this.random = random;
        this.cloud = new SimulatedCloud(world, prefix, hosts, random, pool);
        this.hands = new ExternalWriters(world, random, cloud.roots);
        this.check = new AllocationInvariants(world, cloud, hands);
        this.editors = new SimulatedEditors(hands, random);
        cloud.settle();
    }

    /** Something happens, and the operator does some of its work. */
    public void step() {
        happen();
        switch (random.nextInt(6)) {
            case 0, 1 -> {}
            case 2 -> cloud.faults.oneOf(random.nextInt(12));
            case 3 -> cloud.faults.killAt(random.nextInt(12));
            default -> cloud.faults.meanwhile(random.nextInt(12), this::othersAct);
        }
        if (random.nextInt(3) == 0) {
            cloud.operator.tick();
        }
        cloud.operator.work(random.nextInt(30));
    }

    /** The operator does all of its work, undisturbed; then all must be right. */
    public void rest() {
        cloud.settle();
        check.settled();
    }

    /** What the operator has done so far, and what comes of it without any more faults. */
    public void checkNow() {
        check.always();
    }

    /** Left in peace it comes to rest, writes nothing any more, and in the end lets go of all. */
    public void end() {
        cloud.settle();
        check.settled();
        cloud.faults.written.clear();
        cloud.operator.start();
        cloud.settle();
        if (!cloud.faults.written.isEmpty()) {
            throw new AssertionError("a restart writes what is right already: " + cloud.faults.written);
        }
        check.settled();
        cloud.api.allocations().forEach(this::go);
        cloud.settle();
        check.settled();
    }

    private void happen() {
        switch (random.nextInt(26)) {
            case 0, 1, 2 -> come(ManagedBy.OPERATOR, true);
            case 3 -> come(ManagedBy.OPERATOR, false);
            case 4, 5 -> come(ManagedBy.EXTERNAL, false);
            case 6 -> come(ManagedBy.EXTERNAL, true);
            case 7, 8 -> one().ifPresent(this::go);
            case 9 -> one().ifPresent(this::edit);
            case 10, 11, 12 -> one().ifPresent(this::move);
            case 13 -> deviceGoesOrComes();
            case 14 -> cleaned();
            case 15 -> cloud.operator.start();
            case 16, 17, 18 -> editors.stranger().ifPresent(this::come);
            case 19 -> one().ifPresent(this::restore);
            default -> othersAct();
        }
    }

    private void othersAct() {
        switch (random.nextInt(8)) {
            case 0, 1, 2 -> one().ifPresent(object -> hands.flavor(consumer(object), itsHost(object)));
            case 3 -> one().ifPresent(object -> hands.end(consumer(object)));
            case 4 -> hands.strangerGoes();
            case 5 -> aVf().ifPresent(provider -> hands.stranger(provider, new ResourceClass("CUSTOM_VF"), anyHost()));
            case 6 ->
                one().ifPresent(object -> aVf().ifPresent(
                                provider -> hands.mistake(consumer(object), provider, new ResourceClass("CUSTOM_VF"))));
            default -> one().ifPresent(this::novaMoves);
        }
    }

    private Optional<UUID> aVf() {
        return check.provider(anyHost(), Devices.at(random.nextBoolean() ? "0000:81:02.0" : "0000:81:03.0"));
    }

    private Optional<PciAllocation> one() {
        List<PciAllocation> all = cloud.api.allocations().stream()
                .filter(object -> !InMemoryApiServer.deleting(object))
                .toList();
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
    }

    private String anyHost() {
        return List.copyOf(cloud.devices.keySet()).get(random.nextInt(cloud.devices.size()));
    }

    /** Mostly the host where the object says that its consumer is. */
    private String itsHost(PciAllocation object) {
        List<io.pciplacement.planning.allocation.DeviceRef> devices =
                PciAllocationMapper.toDesiredAllocation(object).devices();
        return devices.isEmpty() || random.nextInt(4) == 0
                ? anyHost()
                : devices.getFirst().node();
    }

    private static UUID consumer(PciAllocation object) {
        return UUID.fromString(object.getSpec().consumer().uuid());
    }

    private void come(ManagedBy managedBy, boolean wants) {
        if (cloud.api.allocations().size() >= MOST_OBJECTS) {
            return;
        }
        made++;
        Consumer consumer =
                new Consumer(cloud.uuid().toString(), "INSTANCE", "project-" + made, "user-" + made, managedBy);
        UUID uuid = UUID.fromString(consumer.uuid());
        hands.owner(uuid, Integer.toString(made));
        PciAllocationSpec spec = wants ? wanting(consumer) : holding(consumer, some(), null);
        if (managedBy == ManagedBy.OPERATOR) {
            check.managed(uuid);
        } else if (random.nextInt(4) > 0) {
            hands.flavor(
                    uuid,
                    wants || random.nextInt(4) == 0
                            ? anyHost()
                            : spec.devices().getFirst().node());
        }
        create(spec);
    }

    /** An object for a consumer that is somebody else's, or nobody's. */
    private void come(Consumer consumer) {
        if (cloud.api.allocations().size() < MOST_OBJECTS) {
            if (consumer.managedBy() == ManagedBy.OPERATOR && !editors.isSomebody(consumer)) {
                check.managed(UUID.fromString(consumer.uuid()));
            }
            create(random.nextBoolean() ? wanting(consumer) : holding(consumer, some(), null));
        }
    }

    /** A backup of an object is restored while its consumer has what it has. */
    private void restore(PciAllocation object) {
        hands.followed(object);
        check.restored(object);
        cloud.api.restore(object.getMetadata().getName());
    }

    private void create(PciAllocationSpec spec) {
        Optional<String> free = names.stream()
                .filter(name -> cloud.api.allocation(name).isEmpty())
                .findFirst();
        if (free.isPresent() && random.nextBoolean()) {
            cloud.api.create(free.get(), spec);
        } else {
            names.addFirst(cloud.api.create(spec));
        }
    }

    private void go(PciAllocation object) {
        if (!PciAllocationMapper.isOperatorManaged(object)) {
            // What was done for it until then stays.
            hands.followed(object);
        }
        cloud.api.delete(object.getMetadata().getName());
    }

    private static PciAllocationSpec holding(Consumer consumer, List<DeviceRef> devices, Move move) {
        return new PciAllocationSpec(consumer, devices, null, null, null, null, move);
    }

    private PciAllocationSpec wanting(Consumer consumer) {
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
                random.nextInt(4) == 0 ? anyHost() : null,
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

    /** One or two devices of one host; some of them nobody may have. */
    private List<DeviceRef> some() {
        String host = anyHost();
        List<PciDevice> all = new ArrayList<>(cloud.devices.get(host).all());
        all.removeIf(device -> device.type() == DeviceType.PF && random.nextInt(3) > 0);
        Collections.shuffle(all, random);
        return all.subList(0, 1 + random.nextInt(2)).stream()
                .map(device -> new DeviceRef(host, device.address().toString()))
                .toList();
    }

    private void edit(PciAllocation object) {
        PciAllocationSpec before = object.getSpec();
        if (before.move() == null) {
            boolean wants = before.requests() != null;
            cloud.api.update(
                    object.getMetadata().getName(),
                    wants == (random.nextInt(6) > 0)
                            ? wanting(before.consumer())
                            : holding(before.consumer(), some(), null));
        }
    }

    /** What the webhook lets through: a move begins where the consumer is, and goes when it is over. */
    private void move(PciAllocation object) {
        Consumer consumer = object.getSpec().consumer();
        String name = object.getMetadata().getName();
        Move move = object.getSpec().move();
        List<DeviceRef> at = PciAllocationMapper.toDesiredAllocation(object).devices().stream()
                .map(device -> new DeviceRef(device.node(), device.address().toString()))
                .toList();
        if (move == null) {
            List<DeviceRef> to = some();
            if (!at.isEmpty() && Collections.disjoint(at, to)) {
                List<MoveType> types = consumer.managedBy() == ManagedBy.OPERATOR
                        ? List.of(MoveType.values())
                        : List.of(MoveType.COLD_MIGRATION, MoveType.RESIZE, MoveType.LIVE_MIGRATION);
                boolean sameHost = at.getFirst().node().equals(to.getFirst().node());
                MoveType type = sameHost ? MoveType.RESIZE : types.get(random.nextInt(types.size()));
                Optional<UUID> foreign =
                        editors.strangersUuid(6).filter(uuid -> !uuid.toString().equals(consumer.uuid()));
                UUID migration = foreign.orElseGet(cloud::uuid);
                if (consumer.managedBy() == ManagedBy.OPERATOR && foreign.isEmpty()) {
                    check.managed(migration);
                }
                cloud.api.update(
                        name, holding(consumer, to, new Move(type, migration.toString(), MovePhase.MOVING, at)));
            }
            return;
        }
        if (PciAllocationMapper.rejectionReason(object).equals(Optional.of("ForeignMigration"))) {
            cloud.api.update(name, holding(consumer, move.sourceDevices(), null));
            return;
        }
        hands.followed(object);
        Phase reached = object.getStatus() == null ? null : object.getStatus().phase();
        switch (move.phase()) {
            case MOVING -> {
                MovePhase end = random.nextBoolean() ? MovePhase.CONFIRM : MovePhase.REVERT;
                cloud.api.update(
                        name,
                        holding(consumer, at, new Move(move.type(), move.migrationUuid(), end, move.sourceDevices())));
            }
            case CONFIRM -> {
                if (reached == Phase.CONFIRMED) {
                    cloud.api.update(name, holding(consumer, at, null));
                }
            }
            case REVERT -> {
                if (reached == Phase.REVERTED) {
                    cloud.api.update(name, holding(consumer, move.sourceDevices(), null));
                }
            }
        }
    }

    private void novaMoves(PciAllocation object) {
        Move move = object.getSpec().move();
        if (move == null || object.getSpec().consumer().managedBy() == ManagedBy.OPERATOR) {
            return;
        }
        UUID migration = UUID.fromString(move.migrationUuid());
        switch (move.phase()) {
            case MOVING ->
                hands.begin(
                        consumer(object),
                        migration,
                        object.getSpec().devices().getFirst().node());
            case CONFIRM -> hands.end(migration);
            case REVERT -> hands.revert(consumer(object), migration);
        }
    }

    private void deviceGoesOrComes() {
        String host = anyHost();
        boolean there = cloud.devices.get(host).at(VF_THAT_GOES).isPresent();
        cloud.devices.put(
                host,
                there
                        ? new HostDevices(SimulatedCloud.DEVICES.all().stream()
                                .filter(device -> !device.address().equals(VF_THAT_GOES))
                                .toList())
                        : SimulatedCloud.DEVICES);
        cloud.operator.hostChanged(host);
    }

    /** Somebody has waited until a device for one use is to be cleaned, has done it, and says so. */
    private void cleaned() {
        String host = anyHost();
        if (!check.awaitsCleaning(host)) {
            return;
        }
        cloud.api
                .hosts()
                .get(host)
                .getMetadata()
                .setAnnotations(Map.of(Annotations.cleaned("0000:81:01.0"), Integer.toString(++made)));
        check.cleaned(host);
        cloud.operator.hostChanged(host);
    }
}
