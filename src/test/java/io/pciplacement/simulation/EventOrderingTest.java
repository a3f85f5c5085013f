package io.pciplacement.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.Conditions;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.Consumer;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.DeviceRef;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.ManagedBy;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.Move;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.MovePhase;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.MoveType;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.Request;
import io.pciplacement.api.v1alpha1.PciAllocationStatus;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.simulation.InMemoryApiServer.Change;
import io.pciplacement.testing.FakePlacement;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;

/** Regression tests of event orders that random simulations have found. */
class EventOrderingTest {

    private static final int ORDERS = 12;
    private static final ResourceClass VF = new ResourceClass("CUSTOM_VF");

    private final ExecutorService pool = Executors.newFixedThreadPool(1);
    private final FakePlacement placement = new FakePlacement();
    private SimulatedCloud cloud;

    @BeforeEach
    void start() {
        cloud = new SimulatedCloud(placement, "host", 2, new Random(), pool);
        cloud.runUntilIdle();
    }

    @AfterEach
    void stop() {
        pool.shutdownNow();
    }

    private Consumer consumer() {
        return new Consumer(cloud.uuid().toString(), "INSTANCE", "p", "u", ManagedBy.OPERATOR);
    }

    private static PciAllocationSpec specWithRequest(Consumer consumer, String node, String product) {
        return specWithRequest(consumer, node, new Request("one", null, null, "8086", product, null, null, null, null));
    }

    private static PciAllocationSpec specWithRequest(Consumer consumer, String node, int vfs) {
        return specWithRequest(consumer, node, new Request("vfs", vfs, "vf", null, null, null, null, null, null));
    }

    private static PciAllocationSpec specWithRequest(Consumer consumer, String node, Request request) {
        return new PciAllocationSpec(consumer, null, List.of(request), null, null, node, null);
    }

    private static PciAllocationSpec specWithDevices(Consumer consumer, String node, String... addresses) {
        List<DeviceRef> devices = Stream.of(addresses)
                .map(address -> new DeviceRef(node, address))
                .toList();
        return new PciAllocationSpec(consumer, devices, null, null, null, null, null);
    }

    private String reason(String name) {
        PciAllocation object = cloud.api.allocation(name).orElseThrow();
        return Conditions.find(object.getStatus().conditions(), "Ready")
                .orElseThrow()
                .getReason();
    }

    private List<String> devices(String name) {
        return cloud.api.allocation(name).orElseThrow().getStatus().devices().stream()
                .map(PciAllocationStatus.AllocatedDevice::address)
                .toList();
    }

    /** The host is notified of the release before the deletion of the object is observed. */
    @RepeatedTest(ORDERS)
    void retriesPendingClaimWhenObjectIsDeleted() {
        String first = cloud.api.create(specWithRequest(consumer(), "host-0", "1528"));
        cloud.runUntilIdle();
        String second = cloud.api.create(specWithRequest(consumer(), "host-0", "1528"));
        cloud.runUntilIdle();
        assertThat(reason(second)).isEqualTo("InsufficientDevices");
        cloud.api.delete(first);
        cloud.runUntilIdle();
        assertThat(reason(second)).isEqualTo("InSync");
    }

    /** With thousands of claims it would take minutes, and their hosts would be delayed. */
    @RepeatedTest(ORDERS)
    void doesNotReportUnprocessedClaimAsPending() {
        String name = cloud.api.create(specWithDevices(consumer(), "host-0", "0000:81:04.0"));
        cloud.operator.start();
        Deque<Change> changes = cloud.api.addFollower();
        cloud.operator.processAll();
        assertThat(changes).filteredOn(change -> status(change) != null).isEmpty();
        cloud.runUntilIdle();
        assertThat(reason(name)).isEqualTo("InSync");
        assertThat(changes)
                .extracting(EventOrderingTest::status)
                .filteredOn(Objects::nonNull)
                .extracting(PciAllocationStatus::phase)
                .containsExactly(PciAllocationStatus.Phase.ALLOCATED);
    }

    private static @Nullable PciAllocationStatus status(Change change) {
        return change.now().orElseThrow().getStatus();
    }

    /** No capacity is reserved for an older object that is no longer a claim. */
    @RepeatedTest(ORDERS)
    void satisfiedClaimDoesNotBlockYoungerClaims() {
        String holder = cloud.api.create(specWithDevices(consumer(), "host-0", "0000:81:04.0"));
        Consumer consumer = consumer();
        String older = cloud.api.create(specWithRequest(consumer, "host-0", "1528"));
        cloud.runUntilIdle();
        String younger = cloud.api.create(specWithRequest(consumer(), "host-0", "1528"));
        cloud.runUntilIdle();
        assertThat(List.of(reason(older), reason(younger))).containsOnly("InsufficientDevices");
        cloud.api.update(older, specWithDevices(consumer, "host-0", "0000:81:00.0"));
        cloud.operator.processTasks(5);
        cloud.api.delete(holder);
        cloud.operator.processAll();
        assertThat(reason(younger)).isEqualTo("InSync");
    }

    /** The webhook rejects this; it may be bypassed or unavailable. */
    @RepeatedTest(ORDERS)
    void moveThatIsRemovedTooEarlyIsReportedAndCanBeRestored() {
        Consumer consumer = consumer();
        String name = cloud.api.create(specWithDevices(consumer, "host-0", "0000:81:00.0"));
        cloud.runUntilIdle();
        UUID migration = cloud.uuid();
        cloud.api.update(name, specOfMove(consumer, migration, MovePhase.MOVING));
        cloud.runUntilIdle();
        Allocation source = placement.getAllocation(migration);
        assertThat(source.resources()).hasSize(1);

        cloud.api.update(name, specWithDevices(consumer, "host-1", "0000:81:00.0"));
        cloud.runUntilIdle();
        assertThat(reason(name)).isEqualTo("MoveRemoved");
        assertThat(placement.getAllocation(migration)).isEqualTo(source);

        cloud.api.update(name, specOfMove(consumer, migration, MovePhase.CONFIRM));
        cloud.runUntilIdle();
        assertThat(reason(name)).isEqualTo("InSync");
        assertThat(placement.getAllocation(migration).resources()).isEmpty();
        cloud.api.update(name, specWithDevices(consumer, "host-1", "0000:81:00.0"));
        cloud.runUntilIdle();
        assertThat(reason(name)).isEqualTo("InSync");
    }

    /** The webhook rejects this; it may be bypassed or unavailable. */
    @RepeatedTest(ORDERS)
    void moveWithWrongSourceReleasesNothingAndCanBeRemoved() {
        Consumer consumer = consumer();
        UUID uuid = UUID.fromString(consumer.uuid());
        String name = cloud.api.create(specWithDevices(consumer, "host-0", "0000:81:02.1", "0000:81:00.0"));
        cloud.runUntilIdle();
        Allocation before = placement.getAllocation(uuid);
        UUID migration = cloud.uuid();
        cloud.api.update(name, specOfMove(consumer, migration, MovePhase.MOVING));
        cloud.runUntilIdle();
        assertThat(reason(name)).isEqualTo("MoveSourceMismatch");
        assertThat(placement.getAllocation(uuid)).isEqualTo(before);
        assertThat(placement.getAllocation(migration).resources()).isEmpty();

        cloud.api.update(name, specWithDevices(consumer, "host-0", "0000:81:02.1", "0000:81:00.0"));
        cloud.runUntilIdle();
        assertThat(reason(name)).isEqualTo("InSync");
        assertThat(placement.getAllocation(uuid).resources()).isEqualTo(before.resources());
    }

    /** Whose consumer it is can be seen in Placement, also if the older object has another problem. */
    @RepeatedTest(ORDERS)
    void olderObjectCannotKeepConsumerThatIsNotItsOwn() {
        Consumer consumer = consumer();
        UUID uuid = UUID.fromString(consumer.uuid());
        Map<UUID, Map<ResourceClass, Integer>> server =
                Map.of(cloud.roots.get("host-0"), Map.of(new ResourceClass("VCPU"), 1));
        placement.putAllocations(Map.of(uuid, new Allocation(server, "p", "u", null, "INSTANCE")));
        Consumer foreign = new Consumer(consumer.uuid(), null, "another-project", "u", ManagedBy.OPERATOR);
        String older = cloud.api.create(specWithDevices(foreign, "host-0", "0000:99:00.0"));
        cloud.runUntilIdle();
        assertThat(reason(older)).isEqualTo("DeviceNotOnHost");

        String name = cloud.api.create(specWithDevices(
                new Consumer(consumer.uuid(), null, "p", "u", ManagedBy.EXTERNAL), "host-0", "0000:81:00.0"));
        cloud.runUntilIdle();
        assertThat(List.of(reason(older), reason(name))).containsExactly("ForeignConsumer", "InSync");
    }

    /**
     * The consumer does not exist, and one device is not tracked: the object reports one of the two, always the same.
     */
    @RepeatedTest(ORDERS)
    void contestedConsumerDoesNotAlternateBetweenTwoProblems() {
        Consumer consumer = new Consumer(cloud.uuid().toString(), "INSTANCE", "p", "u", ManagedBy.EXTERNAL);
        String older = cloud.api.create(specWithDevices(consumer, "host-0", "0000:81:02.1", "0000:81:03.0"));
        cloud.runUntilIdle();
        Consumer same = new Consumer(consumer.uuid(), "INSTANCE", "p", "u", ManagedBy.OPERATOR);
        String younger = cloud.api.create(specWithDevices(same, "host-0", "0000:81:00.0"));
        cloud.runUntilIdle();
        assertThat(List.of(reason(older), reason(younger)))
                .containsExactly("ConsumerHasNoAllocation", "DuplicateConsumer");
    }

    /** The older object names the consumer as its migration, and may not have been evaluated since. */
    @RepeatedTest(ORDERS)
    void releasesWhatWasWrittenIfOlderObjectNamesConsumer() {
        Consumer older = consumer();
        String other = cloud.api.create(specWithDevices(older, "host-0", "0000:81:02.3"));
        cloud.runUntilIdle();
        Consumer consumer = consumer();
        UUID uuid = UUID.fromString(consumer.uuid());
        String name = cloud.api.create(specWithRequest(consumer, "host-0", 1));
        cloud.runUntilIdle();
        assertThat(placement.getAllocation(uuid).resources()).hasSize(1);
        cloud.devices.put(
                "host-0",
                new HostDevices(List.of(SimulatedCloud.DEVICES.devices().getFirst())));
        cloud.operator.hostChanged("host-0");
        cloud.runUntilIdle();
        cloud.api.update(
                other,
                new PciAllocationSpec(
                        older,
                        List.of(new DeviceRef("host-1", "0000:81:02.3")),
                        null,
                        null,
                        null,
                        null,
                        new Move(
                                MoveType.COLD_MIGRATION,
                                consumer.uuid(),
                                MovePhase.MOVING,
                                List.of(new DeviceRef("host-0", "0000:81:02.3")))));
        cloud.operator.processTasks(new Random().nextInt(30));

        cloud.api.delete(name);
        cloud.runUntilIdle();
        assertThat(cloud.api.allocation(name)).isEmpty();
        assertThat(placement.getAllocation(uuid).resources()).isEmpty();
        assertThat(reason(other)).isNotEqualTo("InSync");
    }

    private static PciAllocationSpec specOfMove(Consumer consumer, UUID migration, MovePhase phase) {
        return new PciAllocationSpec(
                consumer,
                List.of(new DeviceRef("host-1", "0000:81:00.0")),
                null,
                null,
                null,
                null,
                new Move(
                        MoveType.COLD_MIGRATION,
                        migration.toString(),
                        phase,
                        List.of(new DeviceRef("host-0", "0000:81:00.0"))));
    }

    /** Capacity reserved for an older claim is released if that claim can no longer be satisfied. */
    @RepeatedTest(10 * ORDERS)
    void doesNotReserveCapacityThatOlderClaimCannotUse() {
        cloud.api.create(specWithDevices(consumer(), "host-0", "0000:81:02.1", "0000:81:02.2", "0000:81:02.3"));
        String holder = cloud.api.create(specWithDevices(consumer(), "host-0", "0000:81:03.1", "0000:81:03.2"));
        cloud.runUntilIdle();
        String older = cloud.api.create(specWithRequest(consumer(), "host-0", 2));
        cloud.runUntilIdle();
        String younger = cloud.api.create(specWithRequest(consumer(), "host-0", 1));
        cloud.runUntilIdle();
        cloud.api.delete(holder);
        cloud.operator.processTasks(5 + new Random().nextInt(20));
        // Nova has not written its allocation yet, so Placement does not know the consumer.
        Consumer external = new Consumer(cloud.uuid().toString(), "INSTANCE", "p", "u", ManagedBy.EXTERNAL);
        String other = cloud.api.create(specWithDevices(external, "host-0", "0000:81:03.1"));
        cloud.operator.processAll();
        boolean late = reason(other).equals("DeviceAlreadyAllocated");
        assertThat(List.of(reason(older), reason(younger)))
                .isEqualTo(late ? List.of("InSync", "InsufficientDevices") : List.of("InsufficientDevices", "InSync"));
    }

    /** A deletion that waits for Placement reports it and completes once Placement is available. */
    @RepeatedTest(ORDERS)
    void reportsWhyReleaseIsDelayed() {
        String name = cloud.api.create(specWithRequest(consumer(), "host-0", 1));
        cloud.runUntilIdle();
        cloud.api.delete(name);
        // The next request is that of the release.
        cloud.faults.oneOf(0);
        cloud.operator.processAll();
        if (!cloud.operator.isConnected()) {
            assertThat(reason(name)).isEqualTo("PlacementUnreachable");
        }
        cloud.runUntilIdle();
        assertThat(cloud.api.allocation(name)).isEmpty();
    }

    /** The next sweep finds Placement available, and no sweep had reported the outage. */
    @RepeatedTest(ORDERS)
    void retriesObjectsThatFailedBetweenTwoSweeps() {
        String name = cloud.api.create(specWithRequest(consumer(), null, "1528"));
        cloud.faults.oneOf(0);
        cloud.operator.processTasks(50);
        cloud.runUntilIdle();
        assertThat(reason(name)).isEqualTo("InSync");
    }

    /** Devices granted to previous requests do not satisfy the new ones, regardless of an outdated status. */
    @RepeatedTest(ORDERS)
    void ignoresGrantOfOlderGeneration() {
        String other = cloud.api.create(specWithDevices(consumer(), "host-0", "0000:81:04.0"));
        Consumer consumer = consumer();
        String name = cloud.api.create(specWithRequest(consumer, "host-0", "1533"));
        cloud.runUntilIdle();
        assertThat(devices(name)).containsExactly("0000:81:00.0");
        cloud.api.update(name, specWithRequest(consumer, "host-0", "1528"));
        cloud.runUntilIdle();
        assertThat(reason(name)).isEqualTo("InsufficientDevices");
        // The outage is reported in the status, and the operator restarts.
        cloud.operator.hostChanged("host-0");
        placement.reserve(placement.uuid("host-0_0000:81:02.0").orElseThrow(), VF, 1);
        cloud.operator.runSweep();
        cloud.faults.oneOf(0);
        cloud.operator.processTasks(200);
        cloud.operator.start();
        cloud.runUntilIdle();
        assertThat(reason(name)).isEqualTo("InsufficientDevices");
        cloud.api.delete(other);
        cloud.runUntilIdle();
        assertThat(devices(name)).containsExactly("0000:81:04.0");
    }

    /** Placement rejects the reshaper request, because another device of the consumer is in use. */
    @RepeatedTest(ORDERS)
    void rejectedWriteDoesNotDelayOtherObjectsOfTheHost() {
        Map<UUID, Map<ResourceClass, Integer>> server =
                Map.of(cloud.roots.get("host-0"), Map.of(new ResourceClass("VCPU"), 1));
        ResourceClass plain = new ResourceClass("CUSTOM_PCI_8086_1533");
        placement.reserve(placement.uuid("host-0_0000:81:01.0").orElseThrow(), plain, 1);
        UUID full = placement.uuid("host-0_0000:81:00.0").orElseThrow();
        placement.putAllocations(Map.of(
                cloud.uuid(), new Allocation(Map.of(full, Map.of(plain, 1)), "p", "u", null, "INSTANCE")));
        Consumer consumer = new Consumer(cloud.uuid().toString(), "INSTANCE", "p", "u", ManagedBy.EXTERNAL);
        placement.putAllocations(
                Map.of(UUID.fromString(consumer.uuid()), new Allocation(server, "p", "u", null, "INSTANCE")));
        String rejected = cloud.api.create(specWithDevices(consumer, "host-0", "0000:81:01.0", "0000:81:00.0"));
        Consumer other = new Consumer(cloud.uuid().toString(), "INSTANCE", "p", "u", ManagedBy.EXTERNAL);
        UUID uuid = UUID.fromString(other.uuid());
        placement.putAllocations(Map.of(uuid, new Allocation(server, "p", "u", null, "INSTANCE")));
        String name = cloud.api.create(specWithDevices(other, "host-0", "0000:81:02.1"));
        cloud.runUntilIdle();
        assertThat(List.of(reason(rejected), reason(name))).containsExactly("ProviderFull", "InSync");

        placement.putAllocations(Map.of(uuid, placement.getAllocation(uuid).withResources(Map.of())));
        cloud.runUntilIdle();
        assertThat(reason(name)).isEqualTo("ConsumerHasNoAllocation");
    }

    /** Excess allocations of a consumer may be on a host without any of its devices. */
    @RepeatedTest(ORDERS)
    void healsDevicesOnAnotherHost() {
        Consumer consumer = consumer();
        UUID uuid = UUID.fromString(consumer.uuid());
        cloud.api.create(specWithDevices(consumer, "host-0", "0000:81:02.1"));
        cloud.runUntilIdle();
        Map<UUID, Map<ResourceClass, Integer>> right =
                placement.consumers().get(uuid).resources();
        Allocation present = placement.getAllocation(uuid);
        Map<UUID, Map<ResourceClass, Integer>> wrong = new HashMap<>(right);
        wrong.put(placement.uuid("host-1_0000:81:02.0").orElseThrow(), Map.of(VF, 1));
        placement.putAllocations(Map.of(uuid, present.withResources(wrong)));
        cloud.runUntilIdle();
        assertThat(placement.consumers().get(uuid).resources()).isEqualTo(right);
    }
}
