package io.pciplacement.sync.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.NameNormalizer;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.testing.FakePlacement;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PlacementNameRegistryTest {

    private static final ResourceClass CUSTOM_CLASS = new ResourceClass("CUSTOM_GPU");
    private static final Trait CUSTOM_TRAIT = new Trait("CUSTOM_BLUE");

    private final FakePlacement placement = new FakePlacement();
    private final PlacementNameRegistry names = new PlacementNameRegistry(placement);

    @BeforeEach
    void loadNames() {
        names.loadNames();
        placement.requests.clear();
    }

    private static ProviderDecision decision(ResourceClass resourceClass, Trait... traits) {
        return new ProviderDecision(
                "gpu-07_0000:81:00.0",
                new UUID(7, 1),
                State.WANTED,
                "gpus",
                1,
                DeviceType.PCI,
                new TreeMap<>(Map.of(resourceClass, Inventory.of(1, 0))),
                new TreeSet<>(List.of(traits)),
                0,
                List.of(),
                List.of(),
                null,
                null);
    }

    @Test
    void createsMissingNamesOnce() {
        ProviderDecision decision = decision(CUSTOM_CLASS, CUSTOM_TRAIT, Trait.OWNER_NOVA);
        names.ensureExists(decision);
        assertThat(placement.requests).containsExactly("PUT /traits", "PUT /resource_classes");
        assertThat(placement.listTraits()).contains(CUSTOM_TRAIT);
        assertThat(placement.listResourceClasses()).contains(CUSTOM_CLASS);
        assertThat(names.containsTrait(CUSTOM_TRAIT)).isTrue();
        placement.requests.clear();
        names.ensureExists(decision);
        assertThat(placement.requests).isEmpty();
    }

    /** Placement rejects their creation. */
    @Test
    void standardNamesAreNeverCreated() {
        names.ensureExists(decision(new ResourceClass("FPGA"), new Trait("HW_NEW")));
        assertThat(placement.requests).isEmpty();
    }

    @Test
    void existingNamesAreNotCreated() {
        placement.createTrait(CUSTOM_TRAIT);
        placement.createResourceClass(CUSTOM_CLASS);
        names.loadNames();
        placement.requests.clear();
        names.ensureExists(decision(CUSTOM_CLASS, CUSTOM_TRAIT));
        assertThat(placement.requests).isEmpty();
    }

    @Test
    void forgottenNamesAreCreatedAgain() {
        ProviderDecision decision = decision(CUSTOM_CLASS, CUSTOM_TRAIT);
        names.ensureExists(decision);
        names.forgetNames(decision);
        assertThat(names.containsTrait(CUSTOM_TRAIT)).isFalse();
        placement.requests.clear();
        names.ensureExists(decision);
        assertThat(placement.requests).containsExactly("PUT /traits", "PUT /resource_classes");
    }

    @Test
    void loadingReplacesAllNames() {
        names.ensureExists(decision(CUSTOM_CLASS, CUSTOM_TRAIT));
        placement.reset();
        placement.createTrait(new Trait("CUSTOM_RED"));
        NameNormalizer normalizer = names.loadNames();
        assertThat(names.containsTrait(CUSTOM_TRAIT)).isFalse();
        assertThat(names.containsTrait(Trait.OWNER_NOVA)).isTrue();
        assertThat(names.containsTrait(new Trait("CUSTOM_RED"))).isTrue();
        assertThat(normalizer.traits()).contains("HW_NIC_SRIOV").doesNotContain("CUSTOM_RED");
        assertThat(normalizer.resourceClasses()).contains("PGPU");
    }
}
