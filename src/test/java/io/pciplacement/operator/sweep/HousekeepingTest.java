package io.pciplacement.operator.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.Cache;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.api.v1alpha1.PciDeviceSpecSpec;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.cluster.HostResultCache;
import io.pciplacement.operator.discovery.AllocationDiscoverer;
import io.pciplacement.operator.event.AllocationEventSource;
import io.pciplacement.operator.host.AttachmentDifferenceTracker;
import io.pciplacement.operator.host.HostPciInventoryCreator;
import io.pciplacement.operator.host.UnaccountedAllocationTracker;
import io.pciplacement.operator.retry.RetryTracker;
import io.pciplacement.operator.settings.DiscoveryMode;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.DeviceRef;
import io.pciplacement.planning.allocation.PlacementConsumer;
import io.pciplacement.planning.allocation.UnaccountedAllocation;
import io.pciplacement.planning.claim.Claim;
import io.pciplacement.sync.PlacementSync;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.index.AllocationIndex;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.FakePlacement;
import io.pciplacement.testing.Hosts;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** State of deleted objects is removed, whether or not their deletion was handled. */
class HousekeepingTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final Set<String> hosts = new HashSet<>();
    private final Set<String> specs = new HashSet<>();
    private final ClusterCache cluster = new ClusterCache(null, null) {
        @Override
        public boolean hasHost(String name) {
            return hosts.contains(name);
        }

        @Override
        public boolean hasNode(String name) {
            return hosts.contains(name);
        }
    };
    private final AllocationIndex index = new AllocationIndex();
    private final HostResultCache hostResults = new HostResultCache();
    private final UnaccountedAllocationTracker unaccountedTracker = new UnaccountedAllocationTracker();
    private final RetryTracker retries = new RetryTracker();
    private final List<String> triggered = new ArrayList<>();
    private final AllocationEventSource triggers = new AllocationEventSource() {
        @Override
        public void triggerAll(Collection<String> names) {
            triggered.addAll(names);
        }
    };

    @AutoClose("shutdownNow")
    private final ExecutorService pool = Executors.newSingleThreadExecutor();

    private final Housekeeping housekeeping = new Housekeeping(
            cluster,
            index,
            triggers,
            new PlacementSync(new FakePlacement(), OwnershipTraits.DEFAULT, pool),
            hostResults,
            unaccountedTracker,
            new AttachmentDifferenceTracker(Duration.ZERO),
            retries,
            new HostPciInventoryCreator(null, cluster, null, null, Clock.systemUTC()),
            new AllocationDiscoverer(cluster, index, null, null, null, DiscoveryMode.REPORT));

    private static ObjectMeta metadata(String name) {
        return new ObjectMetaBuilder()
                .withName(name)
                .withUid("u-" + name)
                .withGeneration(1L)
                .build();
    }

    private void specCache() {
        cluster.setSpecCache(new Cache<>() {
            @Override
            public Optional<PciDeviceSpec> get(ResourceID id) {
                return specs.contains(id.getName()) ? Optional.of(new PciDeviceSpec()) : Optional.empty();
            }

            @Override
            public Stream<ResourceID> keys() {
                return specs.stream().map(ResourceID::new);
            }

            @Override
            public Stream<PciDeviceSpec> list(Predicate<PciDeviceSpec> predicate) {
                throw new UnsupportedOperationException();
            }
        });
    }

    private static HostPciInventory host(String name) {
        HostPciInventory host = new HostPciInventory();
        host.setMetadata(metadata(name));
        host.setStatus(Hosts.agentStatus(null, List.of()));
        return host;
    }

    /** Caches state of a host, a spec and a PciAllocation of this name. */
    private void cacheState(String name) {
        cluster.publishedDevices(host(name));
        PciDeviceSpec spec = new PciDeviceSpec();
        spec.setMetadata(metadata(name));
        spec.setSpec(new PciDeviceSpecSpec(null, null, List.of(), null, null, null, null, null, null, null, null));
        cluster.parsedSpec(spec);
        hostResults.putResult(
                name, new HostResultCache.HostSyncRecord(new HostSyncResult.Deferred(), true, Map.of("s", 1L)));
        unaccountedTracker.update(
                name,
                List.of(new UnaccountedAllocation(
                        new UUID(0, 1), name, new UUID(1, 1), new ResourceClass("CUSTOM_VF"), 1)),
                Set.of(),
                null,
                NOW);
        var _ = retries.nextHostDelay(name, new HostSyncResult.RootConflict("root", "other"), false);
        var _ = retries.nextAllocationDelay(name);
    }

    @Test
    void releasesStateOfDeletedObjectsOnly() {
        specCache();
        hosts.add("stays");
        specs.add("stays");
        index.putAllocation(desiredAllocation("stays"));
        List<Set<String>> notifications = new ArrayList<>();
        hostResults.addListener(names -> notifications.add(Set.copyOf(names)));
        for (int i = 0; i < 100; i++) {
            cacheState("deleted-" + i);
        }
        cacheState("stays");
        housekeeping.releaseDeletedObjects();
        assertThat(cluster.parsedObjectCount()).isEqualTo(2);
        assertThat(hostResults.findResult("stays")).isPresent();
        assertThat(hostResults.findResult("deleted-7")).isEmpty();
        assertThat(notifications).endsWith(Set.of("s"));
        assertThat(unaccountedTracker.hostCount()).isEqualTo(1);
        assertThat(retries.trackedCount()).isEqualTo(2);
    }

    private static PlacementConsumer consumer() {
        return new PlacementConsumer(new UUID(0, 7), "INSTANCE", "p", "u", true);
    }

    private static DesiredAllocation desiredAllocation(String name) {
        return new DesiredAllocation(name, NOW.toString(), consumer(), List.of());
    }

    /** When the deletion of a host is handled, the host still exists for the PciAllocations that have its devices. */
    @Test
    void allocationsOnADeletedHostAreTriggeredOnce() {
        specCache();
        hosts.add("gpu-07");
        index.putAllocation(new DesiredAllocation(
                "web", NOW.toString(), consumer(), List.of(new DeviceRef("gpu-07", Devices.at("0000:81:00.0")))));
        housekeeping.releaseDeletedObjects();
        assertThat(triggered).isEmpty();
        hosts.remove("gpu-07");
        housekeeping.releaseDeletedObjects();
        housekeeping.releaseDeletedObjects();
        assertThat(triggered).containsExactly("web");
        hosts.add("gpu-07");
        housekeeping.releaseDeletedObjects();
        hosts.remove("gpu-07");
        housekeeping.releaseDeletedObjects();
        assertThat(triggered).containsExactly("web", "web");
    }

    /** Otherwise younger claims would wait for it forever. */
    @Test
    void claimOfDeletedObjectIsNotPending() {
        Claim claim = new Claim("deleted", NOW.toString(), consumer(), List.of(), false, Set.of(), null);
        index.putAllocation(desiredAllocation("deleted"));
        index.setPending("deleted", new AllocationIndex.PendingClaim(claim, false));
        assertThat(index.pendingClaims()).containsExactly("deleted");
        index.removeAllocation("deleted");
        index.setPending("deleted", new AllocationIndex.PendingClaim(claim, false));
        assertThat(index.pendingClaims()).isEmpty();
        assertThat(index.setProblem("deleted", new AllocationProblem.DuplicateConsumer("other", new UUID(0, 7))))
                .isFalse();
    }
}
