package io.pciplacement.sync.root;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.cli.plan.ReadOnlyPlacementClient;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.sync.cache.ProviderCache;
import io.pciplacement.testing.FakePlacement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests which root providers a sweep verifies, and with which requests. */
class RootProviderCacheTest {

    private static final String LIST_COMPUTE_NODES = "GET /resource_providers?required";
    private static final String READ_BY_NAME = "GET /resource_providers?name";

    private final FakePlacement placement = new FakePlacement();
    private final ProviderCache providers = new ProviderCache();
    private final RootProviderCache roots = new RootProviderCache(placement, providers);

    @BeforeEach
    void createTrait() {
        placement.createTrait(Trait.COMPUTE_NODE);
    }

    private UUID createRoot(String name, Trait... traits) {
        UUID uuid = UUID.randomUUID();
        placement.createProvider(uuid, name, Optional.empty());
        if (traits.length > 0) {
            placement.putTraits(uuid, new ProviderTraits(0, Set.of(traits)));
        }
        return uuid;
    }

    /** Creates a root provider of a compute service that a sync has found. */
    private UUID verifiedComputeNode(String name) {
        UUID uuid = createRoot(name, Trait.COMPUTE_NODE);
        roots.putVerified(name, uuid);
        return uuid;
    }

    private Set<UUID> sweep() {
        placement.requests.clear();
        return roots.verifyRoots();
    }

    @Test
    void computeNodesNeedOneRequestInTotal() {
        UUID first = verifiedComputeNode("gpu-07");
        verifiedComputeNode("gpu-08");
        assertThat(sweep()).isEmpty();
        assertThat(placement.requests).containsExactly(LIST_COMPUTE_NODES);
        assertThat(roots.isComputeNode(first)).isTrue();
        placement.requests.clear();
        assertThat(roots.findProvider("gpu-07").map(ResourceProvider::uuid)).hasValue(first);
        assertThat(roots.findProvider(first).map(ResourceProvider::name)).hasValue("gpu-07");
        assertThat(placement.requests).isEmpty();
    }

    @Test
    void renamedAndDeletedComputeNodesAreReportedOnce() {
        UUID renamed = verifiedComputeNode("gpu-07");
        UUID deleted = verifiedComputeNode("gpu-08");
        sweep();
        placement.rename(renamed, "gpu-17");
        placement.deleteProvider(deleted);
        assertThat(sweep()).containsExactlyInAnyOrder(renamed, deleted);
        assertThat(roots.findVerified("gpu-07")).isEmpty();
        assertThat(roots.findVerified("gpu-08")).isEmpty();
        assertThat(sweep()).isEmpty();
    }

    @Test
    void ownRootsAreVerifiedByTheListingOfOwnProviders() {
        UUID own = createRoot("gpu-07");
        roots.putVerified("gpu-07", own);
        providers.putListed(new ResourceProvider(own, "gpu-07", null, own, 0));
        assertThat(sweep()).isEmpty();
        assertThat(placement.requests).containsExactly(LIST_COMPUTE_NODES);
        assertThat(roots.isComputeNode(own)).isFalse();
        providers.putListed(new ResourceProvider(own, "gpu-17", null, own, 0));
        assertThat(sweep()).containsExactly(own);
    }

    @Test
    void otherRootsAreReadOneByOne() {
        UUID root = createRoot("gpu-07");
        roots.putVerified("gpu-07", root);
        assertThat(sweep()).isEmpty();
        assertThat(placement.requests).containsExactly(LIST_COMPUTE_NODES, READ_BY_NAME);
        placement.deleteProvider(root);
        createRoot("gpu-07");
        assertThat(sweep()).as("another provider has the name").containsExactly(root);
    }

    /** Those that were read longest ago are read first, so that each is verified after a few sweeps. */
    @Test
    void sweepReadsALimitedNumberOfOtherRoots() {
        List<String> reads = new ArrayList<>();
        RootProviderCache many = new RootProviderCache(
                new ReadOnlyPlacementClient(placement) {
                    @Override
                    public Optional<ResourceProvider> findProviderByName(String name) {
                        reads.add(name);
                        return super.findProviderByName(name);
                    }
                },
                providers);
        for (int i = 0; i < 120; i++) {
            many.putVerified("host-" + i, createRoot("host-" + i));
        }
        for (int sweep = 1; sweep <= 3; sweep++) {
            assertThat(many.verifyRoots()).isEmpty();
            assertThat(reads).hasSize(50 * sweep);
        }
        assertThat(Set.copyOf(reads)).hasSize(120);
    }

    /** The database may compare names case-insensitively. */
    @Test
    void nameMustBeEqual() {
        RootProviderCache caseInsensitive = new RootProviderCache(
                new ReadOnlyPlacementClient(placement) {
                    @Override
                    public Optional<ResourceProvider> findProviderByName(String name) {
                        return super.findProviderByName(name.toLowerCase(Locale.ROOT));
                    }
                },
                providers);
        createRoot("gpu-07");
        assertThat(caseInsensitive.findProvider("gpu-07")).isPresent();
        assertThat(caseInsensitive.findProvider("GPU-07")).isEmpty();
    }
}
