package io.pciplacement.operator.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.pciplacement.api.v1alpha1.AttachmentStatus;
import io.pciplacement.api.v1alpha1.DiscoveryMetadata;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec;
import io.pciplacement.mapping.AttachmentMapper;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.event.AllocationEventSource;
import io.pciplacement.operator.settings.DiscoveryMode;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.attachment.ServerSighting;
import io.pciplacement.sync.index.AllocationIndex;
import io.pciplacement.testing.FakePlacement;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.MapCache;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The objects that are written for the servers of a host, and the objects that are triggered. */
class AllocationDiscovererTest {

    private static final UUID SERVER = UUID.fromString("11b01271-0000-4000-8000-000000000001");
    private static final String NAME = "server-" + SERVER;
    private static final String GPU = "0000:81:00.0";

    private final Map<String, HostPciInventory> hosts = new TreeMap<>();
    private final Set<String> nodes = new HashSet<>();
    private final Map<String, PciAllocation> objects = new TreeMap<>();
    private final List<String> writes = new ArrayList<>();
    private final Set<String> triggered = new HashSet<>();
    private final AllocationIndex index = new AllocationIndex();
    private final FakePlacement placement = new FakePlacement();
    private int failure;
    private boolean hasOwner = true;

    private final ClusterCache cluster = new ClusterCache(null, null) {
        {
            setAllocationCache(new MapCache<>(objects));
        }

        @Override
        public boolean hasHost(String name) {
            return hosts.containsKey(name);
        }

        @Override
        public boolean hasNode(String name) {
            return nodes.contains(name);
        }

        @Override
        public Optional<HostPciInventory> findHost(String name) {
            return Optional.ofNullable(hosts.get(name));
        }

        @Override
        public List<ServerSighting> sightingsOf(UUID server) {
            return hosts.values().stream()
                    .flatMap(host -> AttachmentMapper.findSighting(host, server).stream())
                    .toList();
        }
    };

    private final AllocationEventSource triggers = new AllocationEventSource() {
        @Override
        public void triggerAll(Collection<String> names) {
            triggered.addAll(names);
        }
    };

    private final DiscoveredAllocationStore store = new DiscoveredAllocationStore(null, null) {
        @Override
        public void create(PciAllocation object) {
            write("create", object);
            object.getMetadata().setUid("uid");
            put(object);
        }

        @Override
        public void replace(PciAllocation object) {
            write("replace", object);
            put(object);
        }

        @Override
        public void delete(PciAllocation object) {
            write("delete", object);
            remove(object.getMetadata().getName());
        }
    };

    private final AllocationDiscoverer discoverer =
            new AllocationDiscoverer(cluster, index, triggers, store, placement, DiscoveryMode.ALLOCATIONS);

    private void write(String verb, PciAllocation object) {
        if (failure != 0) {
            throw new KubernetesClientException("failed", failure, null);
        }
        writes.add(verb + " " + object.getMetadata().getName());
    }

    private void put(PciAllocation object) {
        objects.put(object.getMetadata().getName(), object);
        index.registerObject(
                object.getMetadata().getName(), object.getMetadata().getUid(), Optional.empty(), false);
        index.putAllocation(PciAllocationMapper.toDesiredAllocation(object));
    }

    private void remove(String name) {
        objects.remove(name);
        index.removeAllocation(name);
    }

    /** A host whose agent lists the server with these devices; without devices, it does not list it. */
    private HostPciInventory host(String name, String... devices) {
        HostPciInventory host = new HostPciInventory();
        host.setMetadata(new ObjectMetaBuilder().withName(name).build());
        host.setStatus(Hosts.statusWithAttachments(
                HostDevices.NONE,
                devices.length == 0
                        ? List.of()
                        : List.of(new AttachmentStatus(
                                SERVER.toString(),
                                "web",
                                hasOwner ? "p" : null,
                                hasOwner ? "u" : null,
                                true,
                                List.of(devices).stream()
                                        .map(device -> new AttachmentStatus.AttachedDevice(device, "Device"))
                                        .toList()))));
        hosts.put(name, host);
        return host;
    }

    private static PciAllocation userObject(String name) {
        PciAllocation object = new PciAllocation();
        object.setMetadata(new ObjectMetaBuilder().withName(name).withUid("u").build());
        object.setSpec(new PciAllocationSpec(
                new PciAllocationSpec.Consumer(SERVER.toString(), null, "p", "u", null),
                List.of(new PciAllocationSpec.DeviceRef("a", GPU)),
                null,
                null,
                null,
                null,
                null));
        return object;
    }

    @Test
    void objectFollowsTheServer() {
        assertThat(discoverer.processHost(host("a", GPU))).isFalse();
        PciAllocation created = objects.get(NAME);
        assertThat(created.getMetadata().getLabels()).containsEntry("pciplacement.io/discovered", "true");
        assertThat(created.getMetadata().getAnnotations()).containsEntry("pciplacement.io/server-name", "web");
        assertThat(created.getSpec().consumer())
                .isEqualTo(new PciAllocationSpec.Consumer(
                        SERVER.toString(), null, "p", "u", PciAllocationSpec.ManagedBy.EXTERNAL));
        assertThat(created.getSpec().devices()).containsExactly(new PciAllocationSpec.DeviceRef("a", GPU));
        assertThat(DiscoveryMetadata.isDiscovered(created)).isTrue();

        created.getMetadata().getLabels().put("team", "x");
        discoverer.processHost(host("a", GPU, "0000:82:00.0"));
        assertThat(objects.get(NAME).getSpec().devices()).hasSize(2);
        assertThat(objects.get(NAME).getMetadata().getLabels()).containsEntry("team", "x");
        discoverer.processHost(host("a", GPU, "0000:82:00.0"));
        discoverer.processHost(host("a"));
        assertThat(writes).containsExactly("create " + NAME, "replace " + NAME, "delete " + NAME);
    }

    @Test
    void objectFollowsTheServerToAnotherHost() {
        discoverer.processHost(host("a", GPU));
        discoverer.processHost(host("b", GPU));
        assertThat(writes).as("on both hosts").hasSize(1);
        discoverer.processHost(host("a"));
        assertThat(objects.get(NAME).getSpec().devices()).containsExactly(new PciAllocationSpec.DeviceRef("b", GPU));
        discoverer.processHost(hosts.get("b"));
        assertThat(writes).containsExactly("create " + NAME, "replace " + NAME);
    }

    @Test
    void objectsOfServersWhoseAttachmentsChangeAreTriggered() {
        put(userObject("mine"));
        discoverer.processHost(host("b", GPU));
        assertThat(triggered).containsExactly("mine");
        triggered.clear();
        discoverer.processHost(host("b"));
        assertThat(triggered).as("no longer listed").containsExactly("mine");
        triggered.clear();
        discoverer.processHost(host("b"));
        assertThat(triggered).isEmpty();
    }

    @Test
    void objectOfAUserTakesPrecedence() {
        put(userObject("mine"));
        discoverer.processHost(host("a", GPU));
        assertThat(writes).isEmpty();
        remove("mine");
        discoverer.processHost(hosts.get("a"));
        put(userObject("mine"));
        discoverer.processHost(hosts.get("a"));
        assertThat(writes).containsExactly("create " + NAME, "delete " + NAME);
    }

    @Test
    void objectOfAUserWithTheNameIsNotChanged() {
        put(userObject(NAME));
        discoverer.processHost(host("a", GPU));
        discoverer.processHost(host("a"));
        assertThat(writes).isEmpty();
    }

    @Test
    void failedWriteIsRepeated() {
        for (int code : new int[] {403, 404, 409, 500}) {
            failure = code;
            assertThat(discoverer.processHost(host("a", GPU))).as("%d", code).isTrue();
        }
        failure = 0;
        assertThat(discoverer.processHost(host("a", GPU))).isFalse();
        assertThat(writes).containsExactly("create " + NAME);
    }

    @Test
    void objectsOfRemovedHostsAreDeleted() {
        nodes.add("a");
        discoverer.processHost(host("a", GPU));
        discoverer.removeOrphans();
        hosts.clear();
        discoverer.removeOrphans();
        assertThat(writes).as("the Node exists").containsExactly("create " + NAME);
        nodes.clear();
        discoverer.removeOrphans();
        assertThat(writes).containsExactly("create " + NAME, "delete " + NAME);
    }

    /** Nova writes no owner if it does not know the names of project and user. */
    @Test
    void ownerIsReadFromPlacement() {
        hasOwner = false;
        discoverer.processHost(host("a", GPU));
        assertThat(writes).as("Placement does not know the server").isEmpty();
        allocate("MIGRATION");
        discoverer.processHost(hosts.get("a"));
        assertThat(writes).as("a migration is no server").isEmpty();
        placement.deleteAllocations(SERVER);
        allocate("INSTANCE");
        placement.before = request -> {
            throw new PlacementException.Unreachable("away");
        };
        discoverer.processHost(hosts.get("a"));
        assertThat(writes).as("Placement is away").isEmpty();
        placement.before = request -> {};
        discoverer.processHost(hosts.get("a"));
        assertThat(objects.get(NAME).getSpec().consumer().projectId()).isEqualTo("project");
        assertThat(objects.get(NAME).getSpec().consumer().userId()).isEqualTo("user");
        placement.requests.clear();
        discoverer.processHost(hosts.get("a"));
        assertThat(placement.requests).isEmpty();
    }

    private void allocate(String type) {
        UUID root = UUID.randomUUID();
        ResourceClass vcpu = new ResourceClass("VCPU");
        int generation = placement
                .createProvider(root, root.toString(), Optional.empty())
                .generation();
        placement.putInventories(root, new ProviderInventories(generation, Map.of(vcpu, Inventory.of(1, 0))));
        placement.putAllocations(Map.of(
                SERVER, new Allocation(Map.of(root, Map.of(vcpu, 1)), "project", "user", null, type)));
    }

    @Test
    void otherModesWriteNothing() {
        AllocationDiscoverer report =
                new AllocationDiscoverer(cluster, index, triggers, store, placement, DiscoveryMode.REPORT);
        assertThat(report.processHost(host("a", GPU))).isFalse();
        assertThat(writes).isEmpty();
    }
}
