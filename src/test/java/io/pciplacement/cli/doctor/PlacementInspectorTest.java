package io.pciplacement.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.placement.Trait;
import io.pciplacement.testing.FakePlacement;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What the doctor sees of a Placement, and that it leaves no trace there. */
class PlacementInspectorTest {

    private static final Trait COMPUTE_NODE = new Trait("COMPUTE_NODE");

    private final FakePlacement placement = new FakePlacement();
    private final PlacementInspector sight = new PlacementInspector(placement);

    private UUID provider(String name, UUID parent, Trait... traits) {
        UUID uuid = UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
        placement.createProvider(uuid, name, Optional.ofNullable(parent));
        for (Trait trait : traits) {
            placement.createTrait(trait);
        }
        placement.putTraits(uuid, new ProviderTraits(0, List.of(traits)));
        return uuid;
    }

    @Test
    void treesAreToldByTheirMarks() {
        UUID one = provider("one", null, COMPUTE_NODE);
        UUID ours =
                provider("one_0000:81:00.0", one, Trait.MANAGED_PCI_DEVICE, Trait.OPERATOR_MANAGED, Trait.OWNER_NOVA);
        UUID theirs = provider("one_0000:82:00.0", one, Trait.MANAGED_PCI_DEVICE);
        UUID two = provider("two", null);
        provider("two_0000:81:00.0", two, Trait.MANAGED_PCI_DEVICE, Trait.OPERATOR_MANAGED);
        Trait idle = new Trait("CUSTOM_IDLE");
        placement.createTrait(idle);

        CloudSnapshot.PlacementFacts.Available all = (CloudSnapshot.PlacementFacts.Available) sight.look(Set.of());
        assertThat(all.managed()).hasSize(3);
        assertThat(all.rootsOf(true)).containsExactlyInAnyOrder(one, two);
        assertThat(all.rootsOf(false)).containsExactly(one);
        assertThat(all.owned()).containsExactly(ours);
        assertThat(all.computes()).containsExactly(one);
        assertThat(all.idleTraits()).containsExactly(idle);
        assertThat(all.rootName(two)).isEqualTo("two");

        CloudSnapshot.PlacementFacts.Available only =
                (CloudSnapshot.PlacementFacts.Available) sight.look(Set.of("one"));
        assertThat(only.managed()).extracting(provider -> provider.uuid()).containsExactlyInAnyOrder(ours, theirs);
    }

    @Test
    void rightsAreFoundOutWithoutUsingThem() {
        placement.before = request -> {
            if (!request.startsWith("GET")) {
                throw new PlacementException.Forbidden(request);
            }
        };
        assertThat(((CloudSnapshot.PlacementFacts.Available) sight.look(Set.of())).forbidden())
                .containsExactly(CloudSnapshot.Permission.values());
        placement.before = request -> {};
        UUID root = provider("root", null);
        var before = placement.listProvidersInTree(root);
        assertThat(((CloudSnapshot.PlacementFacts.Available) sight.look(Set.of())).forbidden())
                .isEmpty();
        assertThat(placement.listProvidersInTree(root)).isEqualTo(before);
    }

    @Test
    void aPlacementThatIsAwayIsSaidToBe() {
        placement.before = request -> {
            throw new PlacementException.Unreachable("refused");
        };
        assertThat(sight.look(Set.of())).isEqualTo(new CloudSnapshot.PlacementFacts.Unavailable("refused"));
    }
}
