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
import io.pciplacement.operator.host.HostPciInventoryCreator;
import io.pciplacement.operator.host.UnaccountedAllocationTracker;
import io.pciplacement.operator.retry.RetryTracker;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.PlacementConsumer;
import io.pciplacement.planning.allocation.UnaccountedAllocation;
import io.pciplacement.planning.claim.Claim;
import io.pciplacement.sync.HostSyncResult;
import io.pciplacement.sync.index.AllocationIndex;
import io.pciplacement.testing.Hosts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Nothing is kept of objects that are gone, whether or not their deletion was handled. */
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
    private final AllocationIndex book = new AllocationIndex();
    private final HostResultCache outcomes = new HostResultCache();
    private final UnaccountedAllocationTracker sightings = new UnaccountedAllocationTracker();
    private final RetryTracker retries = new RetryTracker();
    private final Housekeeping housekeeping = new Housekeeping(
            cluster, book, outcomes, sightings, retries, new HostPciInventoryCreator(null, cluster, null, null));

    private static ObjectMeta named(String name) {
        return new ObjectMetaBuilder()
                .withName(name)
                .withUid("u-" + name)
                .withGeneration(1L)
                .build();
    }

    private void specCache() {
        cluster.specs(new Cache<>() {
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
        host.setMetadata(named(name));
        host.setStatus(Hosts.facts(null, List.of()));
        return host;
    }

    /** Everything that is remembered of a host, a spec and a PciAllocation of this name. */
    private void remember(String name) {
        cluster.devices(host(name));
        PciDeviceSpec spec = new PciDeviceSpec();
        spec.setMetadata(named(name));
        spec.setSpec(new PciDeviceSpecSpec(null, null, List.of(), null, null, null, null, null, null, null, null));
        cluster.read(spec);
        outcomes.put(name, new HostResultCache.HostSyncRecord(new HostSyncResult.Deferred(), true, Map.of("s", 1L)));
        sightings.on(
                name,
                List.of(new UnaccountedAllocation(
                        new UUID(0, 1), name, new UUID(1, 1), new ResourceClass("CUSTOM_VF"), 1)),
                null,
                NOW);
        var _ = retries.next(name, new HostSyncResult.RootConflict("root", "other"));
        var _ = retries.allocation(name);
    }

    @Test
    void whatIsGoneIsReleasedAndWhatIsThereStays() {
        specCache();
        hosts.add("stays");
        specs.add("stays");
        book.putAllocation(holding("stays"));
        List<Set<String>> told = new ArrayList<>();
        outcomes.listen(names -> told.add(Set.copyOf(names)));
        for (int i = 0; i < 100; i++) {
            remember("gone-" + i);
        }
        remember("stays");
        housekeeping.releaseGone();
        assertThat(cluster.kept()).isEqualTo(2);
        assertThat(outcomes.of("stays")).isPresent();
        assertThat(outcomes.of("gone-7")).isEmpty();
        assertThat(told).endsWith(Set.of("s"));
        assertThat(sightings.size()).isEqualTo(1);
        assertThat(retries.size()).isEqualTo(2);
    }

    private static PlacementConsumer consumer() {
        return new PlacementConsumer(new UUID(0, 7), "INSTANCE", "p", "u", true);
    }

    private static DesiredAllocation holding(String name) {
        return new DesiredAllocation(name, NOW.toString(), consumer(), List.of());
    }

    /** Younger claims would wait behind it for ever. */
    @Test
    void aClaimThatIsDecidedAfterItsObjectHasGoneDoesNotWait() {
        Claim claim = new Claim("gone", NOW.toString(), consumer(), List.of(), false, Set.of(), null);
        book.putAllocation(holding("gone"));
        book.setPending("gone", new AllocationIndex.PendingClaim(claim, false));
        assertThat(book.pendingClaims()).containsExactly("gone");
        book.removeAllocation("gone");
        book.setPending("gone", new AllocationIndex.PendingClaim(claim, false));
        assertThat(book.pendingClaims()).isEmpty();
        assertThat(book.setProblem("gone", new AllocationProblem.SameConsumer("other", new UUID(0, 7))))
                .isFalse();
    }
}
