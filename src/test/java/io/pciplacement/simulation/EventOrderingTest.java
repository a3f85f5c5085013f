package io.pciplacement.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.Consumer;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.DeviceRef;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.ManagedBy;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.Request;
import io.pciplacement.api.v1alpha1.PciAllocationStatus;
import io.pciplacement.operator.status.ConditionsBuilder;
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

/** What random histories have found, each told by itself; in whatever order the news come. */
class EventOrderingTest {

    private static final int ORDERS = 12;
    private static final ResourceClass VF = new ResourceClass("CUSTOM_VF");

    private final ExecutorService pool = Executors.newFixedThreadPool(1);
    private final FakePlacement placement = new FakePlacement();
    private SimulatedCloud cloud;

    @BeforeEach
    void start() {
        cloud = new SimulatedCloud(placement, "host", 2, new Random(), pool);
        cloud.settle();
    }

    @AfterEach
    void stop() {
        pool.shutdownNow();
    }

    private Consumer consumer() {
        return new Consumer(cloud.uuid().toString(), "INSTANCE", "p", "u", ManagedBy.OPERATOR);
    }

    private static PciAllocationSpec wants(Consumer consumer, String node, String product) {
        return wants(consumer, node, new Request("one", null, null, "8086", product, null, null, null, null));
    }

    private static PciAllocationSpec wants(Consumer consumer, String node, int vfs) {
        return wants(consumer, node, new Request("vfs", vfs, "vf", null, null, null, null, null, null));
    }

    private static PciAllocationSpec wants(Consumer consumer, String node, Request request) {
        return new PciAllocationSpec(consumer, null, List.of(request), null, null, node, null);
    }

    private static PciAllocationSpec holds(Consumer consumer, String node, String... addresses) {
        List<DeviceRef> devices = Stream.of(addresses)
                .map(address -> new DeviceRef(node, address))
                .toList();
        return new PciAllocationSpec(consumer, devices, null, null, null, null, null);
    }

    private String reason(String name) {
        PciAllocation object = cloud.api.allocation(name).orElseThrow();
        return ConditionsBuilder.find(object.getStatus().conditions(), "Ready")
                .orElseThrow()
                .getReason();
    }

    private List<String> devices(String name) {
        return cloud.api.allocation(name).orElseThrow().getStatus().devices().stream()
                .map(PciAllocationStatus.AllocatedDevice::address)
                .toList();
    }

    /** The host hears of the release before anybody hears that the object is gone. */
    @RepeatedTest(ORDERS)
    void whoWaitsIsWokenWhenAnObjectGoes() {
        String first = cloud.api.create(wants(consumer(), "host-0", "1528"));
        cloud.settle();
        String second = cloud.api.create(wants(consumer(), "host-0", "1528"));
        cloud.settle();
        assertThat(reason(second)).isEqualTo("InsufficientDevices");
        cloud.api.delete(first);
        cloud.settle();
        assertThat(reason(second)).isEqualTo("InSync");
    }

    /** Of thousands it would take minutes, and their hosts would wait for that. */
    @RepeatedTest(ORDERS)
    void whatNobodyHasLookedAtYetIsNotSaidToWait() {
        String name = cloud.api.create(holds(consumer(), "host-0", "0000:81:04.0"));
        cloud.operator.start();
        Deque<Change> changes = cloud.api.follow();
        cloud.operator.workAll();
        assertThat(changes).filteredOn(change -> status(change) != null).isEmpty();
        cloud.settle();
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

    /** Nothing is kept for an older claim that has become something else. */
    @RepeatedTest(ORDERS)
    void whoNoLongerWaitsIsNobodysElder() {
        String holder = cloud.api.create(holds(consumer(), "host-0", "0000:81:04.0"));
        Consumer consumer = consumer();
        String elder = cloud.api.create(wants(consumer, "host-0", "1528"));
        cloud.settle();
        String younger = cloud.api.create(wants(consumer(), "host-0", "1528"));
        cloud.settle();
        assertThat(List.of(reason(elder), reason(younger))).containsOnly("InsufficientDevices");
        cloud.api.update(elder, holds(consumer, "host-0", "0000:81:00.0"));
        cloud.operator.work(5);
        cloud.api.delete(holder);
        cloud.operator.workAll();
        assertThat(reason(younger)).isEqualTo("InSync");
    }

    /** What was kept for an older claim is free again when that can no longer have all it wants. */
    @RepeatedTest(10 * ORDERS)
    void whatAnElderCannotHaveIsNotKeptForIt() {
        cloud.api.create(holds(consumer(), "host-0", "0000:81:02.1", "0000:81:02.2", "0000:81:02.3"));
        String holder = cloud.api.create(holds(consumer(), "host-0", "0000:81:03.1", "0000:81:03.2"));
        cloud.settle();
        String elder = cloud.api.create(wants(consumer(), "host-0", 2));
        cloud.settle();
        String younger = cloud.api.create(wants(consumer(), "host-0", 1));
        cloud.settle();
        cloud.api.delete(holder);
        cloud.operator.work(5 + new Random().nextInt(20));
        // Nova has not written anything for it yet, so that Placement does not tell of it either.
        Consumer external = new Consumer(cloud.uuid().toString(), "INSTANCE", "p", "u", ManagedBy.EXTERNAL);
        String other = cloud.api.create(holds(external, "host-0", "0000:81:03.1"));
        cloud.operator.workAll();
        boolean late = reason(other).equals("DeviceAlreadyAllocated");
        assertThat(List.of(reason(elder), reason(younger)))
                .isEqualTo(late ? List.of("InSync", "InsufficientDevices") : List.of("InsufficientDevices", "InSync"));
    }

    /** A deletion that waits for Placement says so, and is completed once that is back. */
    @RepeatedTest(ORDERS)
    void whatCannotBeReleasedYetSaysWhy() {
        String name = cloud.api.create(wants(consumer(), "host-0", 1));
        cloud.settle();
        cloud.api.delete(name);
        // Of the requests to come the first is that of the release.
        cloud.faults.oneOf(0);
        cloud.operator.workAll();
        if (!cloud.operator.connected()) {
            assertThat(reason(name)).isEqualTo("PlacementUnreachable");
        }
        cloud.settle();
        assertThat(cloud.api.allocation(name)).isEmpty();
    }

    /** The next sweep finds Placement there, and no sweep had told that it was not. */
    @RepeatedTest(ORDERS)
    void whoMetWithAnOutageBetweenTwoSweepsIsTakenUpAgain() {
        String name = cloud.api.create(wants(consumer(), null, "1528"));
        cloud.faults.oneOf(0);
        cloud.operator.work(50);
        cloud.settle();
        assertThat(reason(name)).isEqualTo("InSync");
    }

    /** What was granted to other requests is not what these ask for, whatever the status says in between. */
    @RepeatedTest(ORDERS)
    void grantsAreOfTheRequestsThatTheyWereMadeFor() {
        String other = cloud.api.create(holds(consumer(), "host-0", "0000:81:04.0"));
        Consumer consumer = consumer();
        String name = cloud.api.create(wants(consumer, "host-0", "1533"));
        cloud.settle();
        assertThat(devices(name)).containsExactly("0000:81:00.0");
        cloud.api.update(name, wants(consumer, "host-0", "1528"));
        cloud.settle();
        assertThat(reason(name)).isEqualTo("InsufficientDevices");
        // An outage is told of in the status, and the operator forgets all.
        cloud.operator.hostChanged("host-0");
        placement.reserve(placement.uuid("host-0_0000:81:02.0").orElseThrow(), VF, 1);
        cloud.operator.sweep();
        cloud.faults.oneOf(0);
        cloud.operator.work(200);
        cloud.operator.start();
        cloud.settle();
        assertThat(reason(name)).isEqualTo("InsufficientDevices");
        cloud.api.delete(other);
        cloud.settle();
        assertThat(devices(name)).containsExactly("0000:81:04.0");
    }

    /** What a consumer has too much may be on a host with none of its devices. */
    @RepeatedTest(ORDERS)
    void whatIsOnAnotherHostIsHealedToo() {
        Consumer consumer = consumer();
        UUID uuid = UUID.fromString(consumer.uuid());
        cloud.api.create(holds(consumer, "host-0", "0000:81:02.1"));
        cloud.settle();
        Map<UUID, Map<ResourceClass, Integer>> right =
                placement.consumers().get(uuid).resources();
        Allocation present = placement.allocation(uuid);
        Map<UUID, Map<ResourceClass, Integer>> wrong = new HashMap<>(right);
        wrong.put(placement.uuid("host-1_0000:81:02.0").orElseThrow(), Map.of(VF, 1));
        placement.putAllocations(Map.of(uuid, present.with(wrong)));
        cloud.settle();
        assertThat(placement.consumers().get(uuid).resources()).isEqualTo(right);
    }
}
