package io.pciplacement.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.testing.FakePlacement;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Facts that the inspector reads from Placement, without changing anything there. */
class PlacementInspectorTest {

    private static final Trait COMPUTE_NODE = new Trait("COMPUTE_NODE");

    private final FakePlacement placement = new FakePlacement();
    private final PlacementInspector inspector = new PlacementInspector(placement);

    private UUID createProvider(String name, UUID parent, Trait... traits) {
        UUID uuid = UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
        placement.createProvider(uuid, name, Optional.ofNullable(parent));
        for (Trait trait : traits) {
            placement.createTrait(trait);
        }
        placement.putTraits(uuid, new ProviderTraits(0, List.of(traits)));
        return uuid;
    }

    @Test
    void classifiesProvidersByTraits() {
        UUID one = createProvider("one", null, COMPUTE_NODE);
        UUID own = createProvider(
                "one_0000:81:00.0", one, Trait.MANAGED_PCI_DEVICE, Trait.OPERATOR_MANAGED, Trait.OWNER_NOVA);
        UUID foreign = createProvider("one_0000:82:00.0", one, Trait.MANAGED_PCI_DEVICE);
        UUID two = createProvider("two", null, Trait.OPERATOR_MANAGED);
        createProvider("two_0000:81:00.0", two, Trait.MANAGED_PCI_DEVICE, Trait.OPERATOR_MANAGED);
        Trait unused = new Trait("CUSTOM_IDLE");
        placement.createTrait(unused);

        CloudSnapshot.PlacementFacts.Available all =
                (CloudSnapshot.PlacementFacts.Available) inspector.readFacts(Set.of());
        assertThat(all.pciProviders()).hasSize(3);
        assertThat(all.rootsWithProviders(true)).containsExactlyInAnyOrder(one, two);
        assertThat(all.rootsWithProviders(false)).containsExactly(one);
        assertThat(all.ownerNovaProviders()).containsExactly(own);
        assertThat(all.findComputeNode("one")).map(ResourceProvider::uuid).hasValue(one);
        assertThat(all.findComputeNode("two")).isEmpty();
        assertThat(all.isComputeNode(two)).isFalse();
        assertThat(all.findOperatorRoot("two")).map(ResourceProvider::uuid).hasValue(two);
        assertThat(all.findOperatorRoot("one")).isEmpty();
        assertThat(all.unusedTraits()).containsExactly(unused);
        assertThat(all.rootProviderName(two)).isEqualTo("two");

        CloudSnapshot.PlacementFacts.Available only =
                (CloudSnapshot.PlacementFacts.Available) inspector.readFacts(Set.of("one"));
        assertThat(only.pciProviders()).extracting(provider -> provider.uuid()).containsExactlyInAnyOrder(own, foreign);
    }

    @Test
    void detectsMissingPermissionsWithoutSideEffects() {
        placement.before = request -> {
            if (!request.startsWith("GET")) {
                throw new PlacementException.Forbidden(request);
            }
        };
        assertThat(((CloudSnapshot.PlacementFacts.Available) inspector.readFacts(Set.of())).missingPermissions())
                .containsExactly(CloudSnapshot.Permission.values());
        placement.before = request -> {};
        UUID root = createProvider("root", null);
        var before = placement.listProvidersInTree(root);
        assertThat(((CloudSnapshot.PlacementFacts.Available) inspector.readFacts(Set.of())).missingPermissions())
                .isEmpty();
        assertThat(placement.listProvidersInTree(root)).isEqualTo(before);
    }

    @Test
    void reportsUnavailablePlacement() {
        placement.before = request -> {
            throw new PlacementException.Unreachable("connection refused");
        };
        assertThat(inspector.readFacts(Set.of()))
                .isEqualTo(new CloudSnapshot.PlacementFacts.Unavailable("connection refused"));
    }
}
