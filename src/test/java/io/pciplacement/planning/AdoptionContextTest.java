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

/** What becomes of a provider that Nova has made on a name of ours. */
class AdoptionContextTest {

    private static final ResourceClass NIC = new ResourceClass("CUSTOM_NIC");
    private static final Trait FAST = new Trait("CUSTOM_FAST");

    private final HostDevices host = new Devices().pfWithVfs(0, 2).build();
    private final HostProviderTree target = new HostProviderTree(
            "host", UUID.randomUUID(), new TreeSet<>(Set.of(Trait.MANAGED_PCI_DEVICE, Trait.OPERATOR_MANAGED)), true);
    private final String name = target.providerName(at("0000:81:00.0"));
    private final UUID uuid = UUID.randomUUID();

    private ObservedProvider theirs(ResourceClass rc, int total, int reserved, int used, Trait... traits) {
        return new ObservedProvider(
                new ResourceProvider(uuid, name, target.rootUuid(), target.rootUuid(), 5),
                new TreeMap<>(Map.of(rc, Inventory.of(total, reserved))),
                new TreeSet<>(Set.of(traits)),
                used == 0 ? Map.of() : Map.of(UUID.randomUUID(), Map.of(rc, used)),
                null);
    }

    private ProviderDecision decide(Mode mode, ObservedProvider theirs, Specs... specs) {
        Resolution resolution =
                Resolver.resolve(host, List.of(specs).stream().map(Specs::named).toList());
        return ProviderDiffer.diff(
                        host,
                        resolution,
                        target,
                        Map.of(),
                        Map.of(name, uuid),
                        new AdoptionContext(mode, Map.of(name, theirs)),
                        AllocatedDevices.NONE,
                        DeviceIdentities.NONE,
                        CleaningRecord.NONE)
                .getFirst();
    }

    @Test
    void itStaysTheirsUnlessAskedFor() {
        ProviderDecision decision = decide(
                Mode.NONE,
                theirs(NIC, 2, 0, 0, Trait.MANAGED_PCI_DEVICE),
                spec("a").product(Devices.VF).as("nic"));
        assertThat(decision.findings()).singleElement().isInstanceOf(Finding.ForeignOwner.class);
        assertThat(decision.operations()).isEmpty();
    }

    @Test
    void whatNovaDidNotMakeStaysTheirsWhateverIsAskedFor() {
        ProviderDecision decision = decide(
                Mode.ADOPT, theirs(NIC, 2, 0, 0), spec("a").product(Devices.VF).as("nic"));
        assertThat(decision.findings()).singleElement().isInstanceOf(Finding.ForeignOwner.class);
        assertThat(decision.operations()).isEmpty();
    }

    @Test
    void thePlanSaysWhatWouldChangeAndDoesNothing() {
        ProviderDecision decision = decide(
                Mode.PLAN,
                theirs(NIC, 1, 0, 0, Trait.MANAGED_PCI_DEVICE, FAST),
                spec("a").product(Devices.VF).as("vf"));
        assertThat(decision.state()).isEqualTo(State.PROPOSED);
        assertThat(decision.uuid()).isEqualTo(uuid);
        assertThat(decision.operations()).isEmpty();
        assertThat(decision.exists()).isFalse();
        assertThat(decision.findings().getFirst().message())
                .contains(
                        uuid.toString(),
                        "+CUSTOM_PCI_PLACEMENT_OPERATOR",
                        "-CUSTOM_FAST",
                        "1 CUSTOM_NIC -> 2 CUSTOM_VF");
    }

    @Test
    void itIsMarkedFirstAndThenAsAnyOfOurs() {
        ObservedProvider theirs = theirs(NIC, 1, 1, 0, Trait.MANAGED_PCI_DEVICE, FAST);
        ProviderDecision decision = decide(
                Mode.ADOPT, theirs, spec("a").product(Devices.VF).as("nic").traits("fast"));
        assertThat(decision.state()).isEqualTo(State.WANTED);
        assertThat(decision.operations()).hasSize(2);
        assertThat(decision.operations().getFirst()).isInstanceOfSatisfying(ProviderOperation.Adopt.class, adopt -> {
            assertThat(adopt.provider()).isEqualTo(uuid);
            assertThat(adopt.marked().traits())
                    .containsExactlyInAnyOrder(Trait.MANAGED_PCI_DEVICE, Trait.OPERATOR_MANAGED, FAST);
            assertThat(adopt.marked().inventories()).isEqualTo(theirs.inventories());
        });
        assertThat(decision.inventories()).containsExactly(Map.entry(NIC, Inventory.of(2, 1)));
    }

    @Test
    void inUseAsAnotherClassItKeepsThat() {
        ProviderDecision decision = decide(
                Mode.ADOPT,
                theirs(NIC, 2, 0, 1, Trait.MANAGED_PCI_DEVICE),
                spec("a").product(Devices.VF).as("vf"));
        assertThat(decision.state()).isEqualTo(State.HELD);
        assertThat(decision.operations()).singleElement().isInstanceOf(ProviderOperation.Adopt.class);
        assertThat(decision.inventories()).containsOnlyKeys(NIC);
    }

    /** Placement does not tell whether the one unit is the whole card or one VF of it. */
    @Test
    void oneUnitInUseOfACardWithSeveralVfsMayBeTheCard() {
        ProviderDecision decision = decide(
                Mode.ADOPT,
                theirs(NIC, 1, 0, 1, Trait.MANAGED_PCI_DEVICE),
                spec("a").product(Devices.VF).as("nic"));
        assertThat(decision.state()).isEqualTo(State.HELD);
        assertThat(decision.deviceType()).isEqualTo(DeviceType.PF);
        assertThat(decision.inventories()).containsExactly(Map.entry(NIC, Inventory.of(1, 0)));
    }

    @Test
    void theNameOfTheClassTellsWhatIsCounted() {
        ProviderDecision decision = decide(
                Mode.ADOPT,
                theirs(new ResourceClass("CUSTOM_PCI_8086_1515"), 1, 0, 1, Trait.MANAGED_PCI_DEVICE),
                spec("a").product(Devices.VF));
        assertThat(decision.state()).isEqualTo(State.WANTED);
        assertThat(decision.inventories().values()).containsExactly(Inventory.of(2, 0));
    }

    @Test
    void whatTheSpecsDoNotAgreeAboutStaysTheirs() {
        ProviderDecision decision = decide(
                Mode.ADOPT,
                theirs(NIC, 2, 0, 0, Trait.MANAGED_PCI_DEVICE),
                spec("a").product(Devices.VF),
                spec("b").product(Devices.PF));
        assertThat(decision.state()).isEqualTo(State.CONFLICTING);
        assertThat(decision.operations()).isEmpty();
    }
}
