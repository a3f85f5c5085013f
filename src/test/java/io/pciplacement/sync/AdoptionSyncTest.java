package io.pciplacement.sync;

import static io.pciplacement.sync.SingleHostFixture.PLAIN;
import static io.pciplacement.sync.SingleHostFixture.PLAIN_SPEC;
import static io.pciplacement.sync.SingleHostFixture.adoptionRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.AdoptionContext;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.testing.FakePlacement;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Tests of the adoption of providers that Nova has created. */
class AdoptionSyncTest {

    @AutoClose
    private final SingleHostFixture host = new SingleHostFixture();

    private final FakePlacement placement = host.placement;

    /** Creates a provider as Nova does, with one unit in use. */
    private UUID createNovaProvider(UUID consumer) {
        placement.createProvider(UUID.randomUUID(), "gpu-07", Optional.empty());
        UUID root = placement.uuid("gpu-07").orElseThrow();
        UUID uuid = UUID.randomUUID();
        placement.createProvider(uuid, "gpu-07_0000:00:00.0", Optional.of(root));
        int generation = placement.putTraits(
                uuid, new ProviderTraits(0, new TreeSet<>(Set.of(Trait.MANAGED_PCI_DEVICE, Trait.OWNER_NOVA))));
        placement.createResourceClass(PLAIN);
        placement.putInventories(
                uuid, new ProviderInventories(generation, new TreeMap<>(Map.of(PLAIN, Inventory.of(1, 0)))));
        host.allocate(consumer, uuid, PLAIN);
        return uuid;
    }

    @Test
    void adoptsNovaProviderAndKeepsItsAllocations() {
        UUID consumer = UUID.randomUUID();
        UUID uuid = createNovaProvider(consumer);
        Map<String, String> before = placement.tree();
        HostSyncResult.Synced plan = host.syncHost(adoptionRequest(AdoptionContext.Mode.PLAN, PLAIN_SPEC));
        assertThat(plan.providers().getFirst().decision().findings().getFirst().reason())
                .isEqualTo("Adoptable");
        assertThat(placement.tree().get("gpu-07_0000:00:00.0")).isEqualTo(before.get("gpu-07_0000:00:00.0"));

        host.syncHost(adoptionRequest(AdoptionContext.Mode.ADOPT, PLAIN_SPEC));
        assertThat(placement.uuid("gpu-07_0000:00:00.0")).contains(uuid);
        assertThat(placement.tree().get("gpu-07_0000:00:00.0"))
                .startsWith("[CUSTOM_PCI_8086_1533=1/0]")
                .contains("CUSTOM_PCI_PLACEMENT_OPERATOR");
        assertThat(placement.consumers().get(consumer).resources()).containsOnlyKeys(uuid);

        PlacementSync restarted = new PlacementSync(placement, OwnershipTraits.DEFAULT, host.pool);
        restarted.runSweep();
        Map<String, String> after = placement.tree();
        placement.requests.clear();
        restarted.syncHost(adoptionRequest(AdoptionContext.Mode.NONE, PLAIN_SPEC));
        assertThat(placement.requests).as("it belongs to the operator").allMatch(request -> request.startsWith("GET"));
        assertThat(placement.tree()).isEqualTo(after);

        placement.deleteAllocations(consumer);
        restarted.runSweep();
        restarted.syncHost(adoptionRequest(AdoptionContext.Mode.NONE));
        assertThat(placement.tree().get("gpu-07_0000:00:00.0"))
                .as("below Nova's root it is kept without inventory")
                .isEqualTo("[] [CUSTOM_PCI_PLACEMENT_OPERATOR, OWNER_NOVA]");
    }

    /** A provider without the ownership traits is foreign and is never removed, even after failures. */
    @Test
    void failedAdoptionLeavesProviderForeign() {
        UUID consumer = UUID.randomUUID();
        createNovaProvider(consumer);
        placement.deleteAllocations(consumer);
        String before = placement.tree().get("gpu-07_0000:00:00.0");
        placement.before = name -> {
            if (name.equals("PUT traits")) {
                throw new PlacementException.GenerationConflict("another client");
            }
        };
        host.syncHost(adoptionRequest(AdoptionContext.Mode.ADOPT, PLAIN_SPEC));
        placement.before = name -> {};
        host.syncHost(adoptionRequest(AdoptionContext.Mode.ADOPT));
        assertThat(placement.tree().get("gpu-07_0000:00:00.0")).isEqualTo(before);
    }
}
