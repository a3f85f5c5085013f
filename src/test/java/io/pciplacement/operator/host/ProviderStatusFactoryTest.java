package io.pciplacement.operator.host;

import static io.pciplacement.operator.host.HostStatusFixture.VF;
import static io.pciplacement.operator.host.HostStatusFixture.absentDecision;
import static io.pciplacement.operator.host.HostStatusFixture.changingDecision;
import static io.pciplacement.operator.host.HostStatusFixture.decision;
import static io.pciplacement.operator.host.HostStatusFixture.done;
import static io.pciplacement.operator.host.HostStatusFixture.failed;
import static io.pciplacement.operator.host.HostStatusFixture.planned;
import static io.pciplacement.operator.host.HostStatusFixture.row;
import static io.pciplacement.operator.host.HostStatusFixture.uuid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderState;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.planning.finding.DeviceIdentity;
import io.pciplacement.planning.finding.Finding;
import io.pciplacement.sync.host.HostSyncResult.ProviderResult;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The decision about a provider and its progress as a row of the host's status. */
class ProviderStatusFactoryTest {

    private static final String NAME = "gpu-07_0000:81:00.0";

    private static @Nullable String outcome(ProviderResult result, boolean paused) {
        return ProviderStatusFactory.createRow(result, paused)
                .map(HostStatusFixture::outcome)
                .orElse(null);
    }

    private static ProviderStatus createdRow(ProviderDecision decision) {
        return ProviderStatusFactory.createRow(done(decision), false).orElseThrow();
    }

    static Stream<Arguments> results() {
        Finding held = new Finding.Held(NAME, "no spec selects it", List.of());
        return Stream.of(
                arguments(done(decision(NAME, State.WANTED)), false, "InSync"),
                arguments(done(changingDecision(NAME, State.WANTED)), false, "InSync"),
                arguments(done(decision(NAME, State.PROPOSED)), false, "Planned"),
                arguments(done(decision(NAME, State.HELD, held)), false, "Held Held"),
                arguments(done(decision(NAME, State.CONFLICTING)), false, "Conflicting"),
                arguments(done(decision(NAME, State.ORPHANED)), false, "Orphaned"),
                arguments(done(decision(NAME, State.RETIRED)), false, "Retired"),
                arguments(done(decision(NAME, State.CONTESTED)), false, "Contested"),
                arguments(done(decision(NAME, State.REMOVED)), false, null),
                arguments(failed(changingDecision(NAME, State.WANTED)), false, "Pending RejectedByPlacement"),
                arguments(failed(decision(NAME, State.HELD, held)), false, "Pending RejectedByPlacement"),
                arguments(failed(decision(NAME, State.REMOVED)), false, "Orphaned RejectedByPlacement"),
                arguments(planned(decision(NAME, State.WANTED)), false, "InSync"),
                arguments(planned(changingDecision(NAME, State.WANTED)), false, "Planned"),
                arguments(planned(changingDecision(NAME, State.HELD)), false, "Held"),
                arguments(planned(changingDecision(NAME, State.REMOVED)), false, "Orphaned"),
                arguments(planned(decision(NAME, State.WANTED)), true, "InSync"),
                arguments(planned(changingDecision(NAME, State.WANTED)), true, "Pending Paused"),
                arguments(planned(changingDecision(NAME, State.REMOVED)), true, "Pending Paused"),
                arguments(planned(decision(NAME, State.HELD, held)), true, "Held Held"));
    }

    @ParameterizedTest
    @MethodSource("results")
    void stateFollowsFromDecisionAndProgress(ProviderResult result, boolean paused, @Nullable String expected) {
        assertThat(outcome(result, paused)).isEqualTo(expected);
    }

    @Test
    void rowContainsTheInventoryAndItsGeneration() {
        assertThat(createdRow(decision(NAME, State.WANTED))).isEqualTo(row(NAME, ProviderState.IN_SYNC, null, null));
    }

    @Test
    void rowOfAFailedWriteHasNoGeneration() {
        ProviderResult failed = failed(decision(NAME, State.WANTED));
        assertThat(ProviderStatusFactory.createRow(failed, false))
                .contains(row(NAME, ProviderState.PENDING, "RejectedByPlacement", "Placement rejected it.")
                        .withGeneration(null, null));
    }

    @Test
    void rowOfAnAbsentProviderHasNoContent() {
        assertThat(createdRow(absentDecision(NAME, State.CONFLICTING)))
                .isEqualTo(new ProviderStatus(
                        NAME,
                        null,
                        null,
                        null,
                        "nic",
                        DeviceType.VF,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        ProviderState.CONFLICTING,
                        null,
                        null));
    }

    /** A retired provider has its traits only. */
    @Test
    void rowOfAProviderWithoutInventoryHasItsUuidAndTraits() {
        ProviderStatus row = createdRow(retiredDecision(NAME, List.of("CUSTOM_A"), Map.of(), List.of(), null));
        assertThat(row.uuid()).isEqualTo(uuid(NAME).toString());
        assertThat(row.traits()).containsExactly("CUSTOM_A");
        assertThat(row.total()).isZero();
        assertThat(row.resourceClass()).isNull();
    }

    @Test
    void unitsOfSeveralClassesAreAdded() {
        ProviderStatus row = createdRow(retiredDecision(
                NAME,
                List.of(),
                Map.of(VF, Inventory.of(4, 1), new ResourceClass("CUSTOM_A"), Inventory.of(2, 2)),
                List.of(),
                null));
        assertThat(row.resourceClass()).isEqualTo("CUSTOM_A");
        assertThat(row.total()).isEqualTo(6);
        assertThat(row.reserved()).isEqualTo(3);
    }

    @Test
    void rowContainsTheIdentityOfTheCard() {
        ProviderStatus row = createdRow(
                retiredDecision(NAME, List.of(), Map.of(), List.of(), new DeviceIdentity(0x8086, -1, "SN1", "boot-1")));
        assertThat(row.deviceIdentity().vendorId()).isEqualTo("8086");
        assertThat(row.deviceIdentity().productId()).isNull();
        assertThat(row.deviceIdentity().serialNumber()).isEqualTo("SN1");
    }

    @Test
    void reasonIsTheFirstFindingAndTheMessageContainsAll() {
        UUID owner = new UUID(0, 1);
        ProviderStatus row = createdRow(decision(
                NAME,
                State.HELD,
                new Finding.ForeignOwner(NAME, owner),
                new Finding.RejectedByPlacement(NAME, "no\nsuch trait")));
        assertThat(row.reason()).isEqualTo("ForeignOwner");
        assertThat(row.message())
                .startsWith("Resource provider " + NAME)
                .endsWith(" Placement rejected " + NAME + ": no such trait");
    }

    /** The CRD limits both. */
    @Test
    void messageAndTraitsAreLimited() {
        List<String> traits =
                IntStream.range(0, 70).mapToObj("CUSTOM_%02d"::formatted).toList();
        ProviderStatus row = createdRow(retiredDecision(
                NAME, traits, Map.of(), List.of(new Finding.RejectedByPlacement(NAME, "x".repeat(600))), null));
        assertThat(row.traits()).hasSize(64).endsWith("CUSTOM_63");
        assertThat(row.message()).hasSize(512);
    }

    private static ProviderDecision retiredDecision(
            String name,
            List<String> traits,
            Map<ResourceClass, Inventory> inventories,
            List<Finding> findings,
            @Nullable DeviceIdentity identity) {
        return new ProviderDecision(
                name,
                uuid(name),
                State.RETIRED,
                null,
                0,
                null,
                new TreeMap<>(inventories),
                traits.stream().map(Trait::new).collect(Collectors.toCollection(TreeSet::new)),
                0,
                findings,
                List.of(),
                identity,
                null);
    }
}
