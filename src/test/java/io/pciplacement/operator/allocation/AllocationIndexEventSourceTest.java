package io.pciplacement.operator.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.javaoperatorsdk.operator.processing.event.source.EventSourceStartPriority;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.Consumer;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.DeviceRef;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.ManagedBy;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.event.AllocationEventSource;
import io.pciplacement.operator.event.HostEventSource;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.planning.attachment.ServerSighting;
import io.pciplacement.sync.index.AllocationIndex;
import io.pciplacement.testing.MapCache;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class AllocationIndexEventSourceTest {

    private static final String DEVICE = "0000:81:00.0";

    private final Map<String, PciAllocation> cached = new TreeMap<>();
    private final Set<String> triggered = new TreeSet<>();
    private final AllocationIndex index = new AllocationIndex();
    private final AllocationEventSource allocationTriggers = new AllocationEventSource() {
        @Override
        public void triggerAll(Collection<String> names) {
            triggered.addAll(names);
        }
    };
    private final HostEventSource hostTriggers = new HostEventSource() {
        @Override
        public void trigger(String host) {
            triggered.add(host);
        }
    };
    private final Map<UUID, List<ServerSighting>> sightings = new HashMap<>();
    private final ClusterCache cluster = new ClusterCache(null, null) {
        @Override
        public List<ServerSighting> sightingsOf(UUID server) {
            return sightings.getOrDefault(server, List.of());
        }
    };
    private final AllocationIndexEventSource eventSource =
            new AllocationIndexEventSource(new MapCache<>(cached), cluster, index, allocationTriggers, hostTriggers);

    private static PciAllocation object(String name, String uid, String node) {
        PciAllocation object = new PciAllocation();
        object.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .withUid(uid)
                .withCreationTimestamp("2026-01-01T00:00:00Z")
                .withGeneration(1L)
                .build());
        object.setSpec(new PciAllocationSpec(
                new Consumer(
                        UUID.nameUUIDFromBytes(uid.getBytes()).toString(), "INSTANCE", "p", "u", ManagedBy.EXTERNAL),
                List.of(new DeviceRef(node, DEVICE)),
                null,
                null,
                null,
                null,
                null));
        return object;
    }

    @Test
    void allObjectsAreIndexedWhenItHasStarted() {
        cached.put("first", object("first", "uid-1", "node-1"));
        cached.put("second", object("second", "uid-2", "node-1"));
        assertThat(eventSource.priority()).isEqualTo(EventSourceStartPriority.RESOURCE_STATE_LOADER);

        eventSource.start();
        assertThat(eventSource.isRunning()).isTrue();
        assertThat(index.namesOnHost("node-1")).containsExactly("first", "second");
        assertThat(index.isIndexed("first", "uid-1")).isTrue();
    }

    /** The informer delivers its first calls late, even of an object that is gone from the cache. */
    @Test
    void lateCallsOfFirstListChangeNothing() {
        PciAllocation first = object("first", "uid-1", "node-1");
        cached.put("first", first);
        eventSource.start();
        triggered.clear();

        eventSource.onResourceCreated(first);
        assertThat(triggered).isEmpty();
        PciAllocation gone = object("gone", "uid-2", "node-1");
        eventSource.onResourceCreated(gone);
        eventSource.onResourceDeleted(gone);
        assertThat(index.allocationNames()).containsExactly("first");
    }

    @Test
    void changeTriggersOtherObjectsAndHosts() {
        eventSource.start();
        eventSource.onResourceCreated(object("first", "uid-1", "node-1"));
        PciAllocation second = object("second", "uid-2", "node-2");
        eventSource.onResourceCreated(second);
        triggered.clear();

        PciAllocation moved = object("second", "uid-2", "node-1");
        eventSource.onResourceUpdated(moved, second);
        assertThat(triggered).containsExactly("first", "node-1", "node-2");
        triggered.clear();

        eventSource.onResourceDeleted(moved);
        assertThat(triggered).containsExactly("first", "node-1");
        assertThat(index.allocationNames()).containsExactly("first");
    }

    /** The informer was disconnected while the object was deleted and recreated. */
    @Test
    void recreatedObjectReplacesItsPredecessor() {
        PciAllocation before = object("name", "uid-1", "node-1");
        eventSource.onResourceCreated(before);
        index.putRecord("uid-1", AllocationRecord.NONE);

        eventSource.onResourceUpdated(object("name", "uid-2", "node-2"), before);
        assertThat(index.isIndexed("name", "uid-1")).isFalse();
        assertThat(index.isIndexed("name", "uid-2")).isTrue();
        assertThat(index.findRecord("uid-1")).isEmpty();
        assertThat(index.namesOnHost("node-1")).isEmpty();
        assertThat(index.namesOnHost("node-2")).containsExactly("name");
    }
}
