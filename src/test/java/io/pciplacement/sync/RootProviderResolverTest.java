package io.pciplacement.sync;

import static io.pciplacement.sync.SingleHostFixture.PLAIN_SPEC;
import static io.pciplacement.sync.SingleHostFixture.plainDevices;
import static io.pciplacement.sync.SingleHostFixture.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.AllocatedDevices;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.planning.ProviderUuid;
import io.pciplacement.sync.host.HostRecord;
import io.pciplacement.sync.host.HostSyncRequest;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.testing.SyncRequests;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Tests of the root provider that the operator has created: whether it and the providers below it are deleted. */
class RootProviderResolverTest {

    private static final UUID ROOT = ProviderUuid.ofRoot("gpu-07");
    private static final String PROVIDER = "gpu-07_0000:00:00.0";

    @AutoClose
    private final SingleHostFixture host = new SingleHostFixture();

    /** A compute service that uses the root provider adds this trait in addition to those of the operator. */
    private void startComputeService() {
        host.placement.createTrait(Trait.COMPUTE_NODE);
        ProviderTraits traits = host.placement.getTraits(ROOT);
        TreeSet<Trait> all = new TreeSet<>(traits.traits());
        all.add(Trait.COMPUTE_NODE);
        host.placement.putTraits(ROOT, new ProviderTraits(traits.generation(), all));
        host.sync.runSweep();
    }

    @Test
    void unusedProvidersAndRootAreDeleted() {
        host.syncHost(request(plainDevices(1), PLAIN_SPEC));
        assertThat(host.placement.uuid("gpu-07")).hasValue(ROOT);
        assertThat(host.syncHost(request(plainDevices(1))).providers()).isEmpty();
        assertThat(host.placement.tree()).containsOnlyKeys("gpu-07");
        host.sync.removeHost(request(plainDevices(1)));
        assertThat(host.placement.tree()).isEmpty();
    }

    /** The deletion of a provider below the root of nova-compute breaks every server creation on that host. */
    @Test
    void providersBelowRootOfComputeServiceAreKeptWithoutInventory() {
        host.syncHost(request(plainDevices(1), PLAIN_SPEC));
        startComputeService();
        host.placement.requests.clear();
        assertThat(host.syncHost(request(plainDevices(1))).providers())
                .singleElement()
                .satisfies(result -> assertThat(result.decision().state()).isEqualTo(State.RETIRED));
        host.sync.removeHost(request(plainDevices(1)));
        assertThat(host.placement.tree()).containsOnlyKeys("gpu-07", PROVIDER);
        assertThat(host.placement.tree().get(PROVIDER)).startsWith("[]").doesNotContain("COMPUTE_MANAGED_PCI_DEVICE");
        assertThat(host.placement.requests).doesNotContain("DELETE /resource_providers");
    }

    @Test
    void rootOfComputeServiceIsKept() {
        host.syncHost(request(plainDevices(1)));
        startComputeService();
        host.placement.requests.clear();
        host.sync.removeHost(request(plainDevices(1)));
        assertThat(host.placement.uuid("gpu-07")).hasValue(ROOT);
        assertThat(host.placement.requests).doesNotContain("DELETE /resource_providers");
    }

    /** The name is then taken by the operator's own provider, and free again when that is deleted with the host. */
    @Test
    void ownProviderWhoseCreationWasNotAnsweredIsNotForeign() {
        host.syncHost(request(plainDevices(1)));
        host.placement.afterNext("POST /resource_providers", () -> {
            throw new PlacementException.Unreachable("no response");
        });
        assertThat(host.sync.syncHost(request(plainDevices(1), PLAIN_SPEC)))
                .isInstanceOf(HostSyncResult.PlacementUnavailable.class);
        host.sync.runSweep();
        assertThat(host.syncHost(request(plainDevices(1), PLAIN_SPEC)).providers())
                .singleElement()
                .satisfies(result -> assertThat(result.decision().state()).isEqualTo(State.WANTED));
        assertThat(host.placement.tree()).containsOnlyKeys("gpu-07", PROVIDER);
        host.placement.requests.clear();
        host.syncHost(request(plainDevices(1), PLAIN_SPEC));
        assertThat(host.placement.requests)
                .as("no foreign provider is looked for")
                .isEmpty();

        host.sync.removeHost(request(plainDevices(1)));
        assertThat(host.placement.tree()).isEmpty();
        assertPlannedWithoutForeignProvider();
    }

    @Test
    void foreignProvidersOfDeletedRootAreForgotten() {
        host.syncHost(request(plainDevices(1)));
        UUID foreign = UUID.randomUUID();
        host.placement.createProvider(foreign, PROVIDER, Optional.of(ROOT));
        assertThat(host.syncHost(request(plainDevices(1), PLAIN_SPEC)).providers())
                .singleElement()
                .satisfies(result -> assertThat(result.decision().state()).isEqualTo(State.CONFLICTING));
        host.placement.deleteProvider(foreign);
        host.placement.deleteProvider(ROOT);
        host.sync.runSweep();
        assertPlannedWithoutForeignProvider();
    }

    private void assertPlannedWithoutForeignProvider() {
        HostSyncRequest planOnly = SyncRequests.request(
                "gpu-07", false, false, plainDevices(1), List.of(PLAIN_SPEC), HostRecord.NONE, AllocatedDevices.NONE);
        assertThat(host.syncHost(planOnly).providers()).singleElement().satisfies(result -> {
            assertThat(result.decision().state()).isEqualTo(State.WANTED);
            assertThat(result.decision().findings()).isEmpty();
        });
    }
}
