package io.pciplacement.planning;

import static io.pciplacement.testing.Devices.at;
import static io.pciplacement.testing.Specs.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.AdoptionContext.Mode;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.planning.finding.Finding;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.Specs;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Tests of the adoption of providers that Nova created. */
class AdoptionContextTest {

    private static final ResourceClass NIC = new ResourceClass("CUSTOM_NIC");
    private static final Trait FAST = new Trait("CUSTOM_FAST");

    private final HostDevices host = new Devices().pfWithVfs(0, 2).build();
    private final HostProviderTree tree = new HostProviderTree(
            "host", UUID.randomUUID(), new TreeSet<>(Set.of(Trait.MANAGED_PCI_DEVICE, Trait.OPERATOR_MARK)), true);
    private final String name = tree.providerName(at("0000:81:00.0"));
    private final UUID uuid = UUID.randomUUID();

    private ObservedProvider foreignProvider(ResourceClass rc, int total, int reserved, int used, Trait... traits) {
        return new ObservedProvider(
                new ResourceProvider(uuid, name, tree.rootUuid(), tree.rootUuid(), 5),
                new TreeMap<>(Map.of(rc, Inventory.of(total, reserved))),
                new TreeSet<>(Set.of(traits)),
                used == 0 ? Map.of() : Map.of(UUID.randomUUID(), Map.of(rc, used)),
                null);
    }

    private ProviderDecision decideAdoption(Mode mode, ObservedProvider foreignProvider, Specs... specs) {
        Resolution resolution =
                Resolver.resolve(host, List.of(specs).stream().map(Specs::named).toList());
        return ProviderDiffer.compare(
                        host,
                        resolution,
                        tree,
                        Map.of(),
                        Map.of(name, uuid),
                        new AdoptionContext(mode, Map.of(name, foreignProvider)),
                        AllocatedDevices.NONE,
                        DeviceIdentities.NONE,
                        CleaningRecord.NONE)
                .getFirst();
    }

    @Test
    void foreignProviderIsNotChangedByDefault() {
        ProviderDecision decision = decideAdoption(
                Mode.NONE,
                foreignProvider(NIC, 2, 0, 0, Trait.MANAGED_PCI_DEVICE),
                spec("a").product(Devices.VF).as("nic"));
        assertThat(decision.findings()).singleElement().isInstanceOf(Finding.ForeignOwner.class);
        assertThat(decision.operations()).isEmpty();
    }

    @Test
    void providerWithoutNovasTraitIsNeverAdopted() {
        ProviderDecision decision = decideAdoption(
                Mode.ADOPT,
                foreignProvider(NIC, 2, 0, 0),
                spec("a").product(Devices.VF).as("nic"));
        assertThat(decision.findings()).singleElement().isInstanceOf(Finding.ForeignOwner.class);
        assertThat(decision.operations()).isEmpty();
    }

    @Test
    void planModeReportsChangesWithoutOperations() {
        ProviderDecision decision = decideAdoption(
                Mode.PLAN,
                foreignProvider(NIC, 1, 0, 0, Trait.MANAGED_PCI_DEVICE, FAST),
                spec("a").product(Devices.VF).as("vf"));
        assertThat(decision.state()).isEqualTo(State.PROPOSED);
        assertThat(decision.uuid()).isEqualTo(uuid);
        assertThat(decision.operations()).isEmpty();
        assertThat(decision.existsInPlacement()).isFalse();
        assertThat(decision.findings().getFirst().message())
                .contains(
                        uuid.toString(),
                        "+CUSTOM_PCI_PLACEMENT_OPERATOR",
                        "-CUSTOM_FAST",
                        "1 CUSTOM_NIC -> 2 CUSTOM_VF");
    }

    @Test
    void adoptionAddsOwnershipTraitsBeforeOtherOperations() {
        ObservedProvider foreignProvider = foreignProvider(NIC, 1, 1, 0, Trait.MANAGED_PCI_DEVICE, FAST);
        ProviderDecision decision = decideAdoption(
                Mode.ADOPT,
                foreignProvider,
                spec("a").product(Devices.VF).as("nic").traits("fast"));
        assertThat(decision.state()).isEqualTo(State.WANTED);
        assertThat(decision.operations()).hasSize(2);
        assertThat(decision.operations().getFirst()).isInstanceOfSatisfying(ProviderOperation.Adopt.class, adopt -> {
            assertThat(adopt.provider()).isEqualTo(uuid);
            assertThat(adopt.adopted().traits())
                    .containsExactlyInAnyOrder(Trait.MANAGED_PCI_DEVICE, Trait.OPERATOR_MARK, FAST);
            assertThat(adopt.adopted().inventories()).isEqualTo(foreignProvider.inventories());
        });
        assertThat(decision.inventories()).containsExactly(Map.entry(NIC, Inventory.of(2, 1)));
    }

    @Test
    void adoptedProviderInUseKeepsItsResourceClass() {
        ProviderDecision decision = decideAdoption(
                Mode.ADOPT,
                foreignProvider(NIC, 2, 0, 1, Trait.MANAGED_PCI_DEVICE),
                spec("a").product(Devices.VF).as("vf"));
        assertThat(decision.state()).isEqualTo(State.HELD);
        assertThat(decision.operations()).singleElement().isInstanceOf(ProviderOperation.Adopt.class);
        assertThat(decision.inventories()).containsOnlyKeys(NIC);
    }

    /** Placement does not store whether the one unit is the whole card or one of its VFs. */
    @Test
    void oneUnitInUseOnCardWithSeveralVfsCountsAsPf() {
        ProviderDecision decision = decideAdoption(
                Mode.ADOPT,
                foreignProvider(NIC, 1, 0, 1, Trait.MANAGED_PCI_DEVICE),
                spec("a").product(Devices.VF).as("nic"));
        assertThat(decision.state()).isEqualTo(State.HELD);
        assertThat(decision.deviceType()).isEqualTo(DeviceType.PF);
        assertThat(decision.inventories()).containsExactly(Map.entry(NIC, Inventory.of(1, 0)));
    }

    @Test
    void generatedClassNameDeterminesDeviceType() {
        ProviderDecision decision = decideAdoption(
                Mode.ADOPT,
                foreignProvider(new ResourceClass("CUSTOM_PCI_8086_1515"), 1, 0, 1, Trait.MANAGED_PCI_DEVICE),
                spec("a").product(Devices.VF));
        assertThat(decision.state()).isEqualTo(State.WANTED);
        assertThat(decision.inventories().values()).containsExactly(Inventory.of(2, 0));
    }

    @Test
    void conflictingSpecsPreventAdoption() {
        ProviderDecision decision = decideAdoption(
                Mode.ADOPT,
                foreignProvider(NIC, 2, 0, 0, Trait.MANAGED_PCI_DEVICE),
                spec("a").product(Devices.VF),
                spec("b").product(Devices.PF));
        assertThat(decision.state()).isEqualTo(State.CONFLICTING);
        assertThat(decision.operations()).isEmpty();
    }
}
