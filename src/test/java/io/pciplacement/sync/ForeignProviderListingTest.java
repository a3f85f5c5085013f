package io.pciplacement.sync;

import static io.pciplacement.sync.SingleHostFixture.PLAIN_SPEC;
import static io.pciplacement.sync.SingleHostFixture.plainDevices;
import static io.pciplacement.sync.SingleHostFixture.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.ProviderUuid;
import io.pciplacement.planning.finding.Finding;
import io.pciplacement.sync.host.HostSyncRequest;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.testing.FakePlacement;
import io.pciplacement.testing.SyncRequests;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Tests of what a new operator learns of other clients' providers from one listing, and what only the trees show. */
class ForeignProviderListingTest {

    private static final String LISTING = "GET /resource_providers?required";
    private static final String TREE = "GET /resource_providers?in_tree";
    private static final String NAME = "gpu-07_0000:00:01.0";
    private static final UUID FOREIGN = UUID.randomUUID();

    @AutoClose
    private final SingleHostFixture host = new SingleHostFixture();

    private final FakePlacement placement = host.placement;
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    private UUID createRoot(String name) {
        UUID root = UUID.randomUUID();
        placement.createProvider(root, name, Optional.empty());
        return root;
    }

    private void createForeignProvider(UUID root, Trait... traits) {
        int generation =
                placement.createProvider(FOREIGN, NAME, Optional.of(root)).generation();
        placement.putTraits(FOREIGN, new ProviderTraits(generation, new TreeSet<>(Set.of(traits))));
    }

    private void restart() {
        host.sync = new PlacementSync(placement, OwnershipTraits.DEFAULT, host.pool, () -> now);
        host.sync.runSweep();
        placement.requests.clear();
    }

    /** A host in sync, of which a killed process has created a provider that no spec requires; then a new process. */
    private UUID syncWithProviderWithoutTraits() {
        UUID root = createRoot("gpu-07");
        host.syncHost(request(plainDevices(1), PLAIN_SPEC));
        UUID provider = ProviderUuid.ofChild(root, NAME);
        placement.createProvider(provider, NAME, Optional.of(root));
        restart();
        host.syncHost(request(plainDevices(1), PLAIN_SPEC));
        return provider;
    }

    private static List<ProviderDecision.State> states(HostSyncResult.Synced synced) {
        return synced.providers().stream()
                .map(result -> result.decision().state())
                .toList();
    }

    @Test
    void providerOfNovaIsKnownFromOneListing() {
        createForeignProvider(createRoot("gpu-07"), Trait.MANAGED_PCI_DEVICE);
        createRoot("gpu-08");
        host.syncHost(request(plainDevices(2), PLAIN_SPEC));
        host.syncHost(SyncRequests.request("gpu-08", plainDevices(1), List.of(PLAIN_SPEC)));
        restart();
        HostSyncResult.Synced synced = host.syncHost(request(plainDevices(2), PLAIN_SPEC));
        assertThat(placement.requests).contains(LISTING).doesNotContain(TREE);
        assertThat(synced.providers().getLast().decision().findings())
                .singleElement()
                .isInstanceOf(Finding.ForeignOwner.class);
        placement.requests.clear();
        host.syncHost(SyncRequests.request("gpu-08", plainDevices(1), List.of(PLAIN_SPEC)));
        assertThat(placement.requests).as("one listing for all hosts").doesNotContain(LISTING, TREE);
    }

    /** The listing does not show it, so the tree is read before a provider is created. */
    @Test
    void providerWithoutTraitsIsFoundBeforeOneIsCreated() {
        createForeignProvider(createRoot("gpu-07"));
        restart();
        HostSyncResult.Synced synced = host.syncHost(request(plainDevices(2), PLAIN_SPEC));
        assertThat(placement.requests.indexOf(TREE))
                .isBetween(0, placement.requests.indexOf("POST /resource_providers"));
        assertThat(synced.providers().getLast().decision().findings())
                .singleElement()
                .isInstanceOf(Finding.ForeignOwner.class);
    }

    /** A process was killed between the creation of a provider and its traits. */
    @Test
    void ownProviderWithoutTraitsIsCompleted() {
        UUID root = createRoot("gpu-07");
        placement.createProvider(ProviderUuid.ofChild(root, NAME), NAME, Optional.of(root));
        restart();
        assertThat(states(host.syncHost(request(plainDevices(2), PLAIN_SPEC))))
                .containsOnly(ProviderDecision.State.WANTED);
        assertThat(placement.tree().get(NAME)).contains("CUSTOM_PCI_8086_1533=1/0", Trait.OPERATOR_MANAGED.name());
    }

    /** The plan that is made at that time does not contain it. */
    @Test
    void ownProviderWithoutTraitsIsCompletedIfASweepReadsTheTreeDuringThePlan() {
        UUID root = createRoot("gpu-07");
        host.syncHost(request(plainDevices(1), PLAIN_SPEC));
        placement.createProvider(ProviderUuid.ofChild(root, NAME), NAME, Optional.of(root));
        restart();
        placement.afterNext(
                "GET inventories",
                () -> assertThat(host.sync.runSweep().nodes()).containsExactly("gpu-07"));
        assertThat(states(host.syncHost(request(plainDevices(2), PLAIN_SPEC))))
                .containsOnly(ProviderDecision.State.WANTED);
        assertThat(placement.requests).contains(TREE).doesNotContain("POST /resource_providers");
        assertThat(placement.tree().get(NAME)).contains("CUSTOM_PCI_8086_1533=1/0", Trait.OPERATOR_MANAGED.name());
    }

    /**
     * Its device has disappeared in the meantime, so that nothing but the tree shows it. Below the root provider of
     * another client it is kept, and marked as the operator's.
     */
    @Test
    void undesiredProviderWithoutTraitsIsRetiredAfterTheNextSweep() {
        syncWithProviderWithoutTraits();
        assertThat(placement.tree()).containsEntry(NAME, "[] []");
        assertThat(host.sync.runSweep().nodes()).containsExactly("gpu-07");
        host.syncHost(request(plainDevices(1), PLAIN_SPEC));
        assertThat(placement.tree().get(NAME)).contains(Trait.OPERATOR_MANAGED.name());
        placement.requests.clear();
        host.sync.runSweep();
        assertThat(placement.requests).as("each tree is read once").doesNotContain(TREE);
    }

    /** Its plan in the status is corrected by the next sweep. */
    @Test
    void hostThatIsNotReportedUsesTheListing() {
        createForeignProvider(createRoot("gpu-07"));
        restart();
        HostSyncRequest disabled = request(plainDevices(2), PLAIN_SPEC).asDryRun();
        assertThat(states(host.syncHost(disabled))).containsOnly(ProviderDecision.State.WANTED);
        assertThat(placement.requests).contains(LISTING).doesNotContain(TREE);
        assertThat(host.sync.runSweep().nodes()).containsExactly("gpu-07");
        assertThat(host.syncHost(disabled).providers().getLast().decision().findings())
                .singleElement()
                .isInstanceOf(Finding.ForeignOwner.class);
    }

    @Test
    void removalOfAHostReadsItsTree() {
        UUID provider = syncWithProviderWithoutTraits();
        host.sync.removeHost(request(plainDevices(0)));
        assertThat(placement.tree().get(NAME)).as("known before").contains(Trait.OPERATOR_MANAGED.name());
        placement.putTraits(
                provider, new ProviderTraits(placement.getTraits(provider).generation(), new TreeSet<>()));
        restart();
        host.sync.removeHost(request(plainDevices(0)));
        assertThat(placement.tree().get(NAME)).as("not known before").contains(Trait.OPERATOR_MANAGED.name());
    }

    /** Others may have set up the host after the listing. */
    @Test
    void oldListingIsNotUsed() {
        createForeignProvider(createRoot("gpu-07"), Trait.MANAGED_PCI_DEVICE);
        restart();
        now = now.plus(Duration.ofMinutes(5));
        host.syncHost(request(plainDevices(2), PLAIN_SPEC));
        assertThat(placement.requests).contains(TREE).doesNotContain(LISTING);
    }

    /** No later sweep corrects what the command shows. */
    @Test
    void planReadsTheTree() {
        createForeignProvider(createRoot("gpu-07"));
        restart();
        HostSyncResult.Synced planned =
                (HostSyncResult.Synced) host.sync.planHost(request(plainDevices(2), PLAIN_SPEC));
        assertThat(placement.requests).contains(TREE).doesNotContain(LISTING);
        assertThat(planned.providers().getLast().decision().findings())
                .singleElement()
                .isInstanceOf(Finding.ForeignOwner.class);
    }
}
