package io.pciplacement.planning;

import static io.pciplacement.testing.Devices.at;
import static io.pciplacement.testing.Specs.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.planning.finding.Finding;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.Specs;
import io.pciplacement.testing.SyncRequests;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Tests of the decisions about providers in use. */
class ProviderDifferTest {

    private static final ResourceClass NIC = new ResourceClass("CUSTOM_NIC");

    private final HostDevices host = new Devices().pfWithVfs(0, 2).build();
    private final HostProviderTree tree = new HostProviderTree("host", UUID.randomUUID(), new TreeSet<>(), true);

    private ProviderDecision decide(DeviceType countedAs, Specs... specs) {
        String name = tree.providerName(at("0000:81:00.0"));
        ObservedProvider observed = new ObservedProvider(
                new ResourceProvider(UUID.randomUUID(), name, tree.rootUuid(), tree.rootUuid(), 1),
                new TreeMap<>(Map.of(NIC, Inventory.of(1, 0))),
                new TreeSet<>(),
                Map.of(UUID.randomUUID(), Map.of(NIC, 1)),
                countedAs);
        Resolution resolution =
                Resolver.resolve(host, List.of(specs).stream().map(Specs::named).toList());
        return SyncRequests.compare(host, resolution, tree, Map.of(name, observed))
                .getFirst();
    }

    /** The status row is read after a restart, so it must contain the observed device type, not the desired one. */
    @Test
    void decisionReportsObservedDeviceType() {
        ProviderDecision held =
                decide(DeviceType.PF, spec("a").product(Devices.VF).as("nic"));
        assertThat(held.state()).isEqualTo(State.HELD);
        assertThat(held.deviceType()).isEqualTo(DeviceType.PF);
        assertThat(held.operations()).isEmpty();
        ProviderDecision conflicting =
                decide(DeviceType.VF, spec("a").product(Devices.VF), spec("b").product(Devices.PF));
        assertThat(conflicting.state()).isEqualTo(State.CONFLICTING);
        assertThat(conflicting.deviceType()).isEqualTo(DeviceType.VF);
    }

    @Test
    void existsInPlacementForExistingProvider() {
        assertThat(decide(DeviceType.VF).existsInPlacement()).isTrue();
        List<ProviderDecision> created = SyncRequests.compare(
                host,
                Resolver.resolve(host, List.of(spec("a").product(Devices.VF).named())),
                tree,
                Map.of());
        assertThat(created).noneMatch(ProviderDecision::existsInPlacement);
    }

    private ProviderDecision decide(int total, int used, Specs... specs) {
        String name = tree.providerName(at("0000:81:00.0"));
        ResourceClass vf = new ResourceClass("CUSTOM_VF");
        ObservedProvider observed = new ObservedProvider(
                new ResourceProvider(UUID.randomUUID(), name, tree.rootUuid(), tree.rootUuid(), 1),
                new TreeMap<>(Map.of(vf, Inventory.of(total, 0))),
                new TreeSet<>(),
                Map.of(new UUID(0, 1), Map.of(vf, used - 1), new UUID(0, 2), Map.of(vf, 1)),
                DeviceType.VF);
        Resolution resolution =
                Resolver.resolve(host, List.of(specs).stream().map(Specs::named).toList());
        return SyncRequests.compare(host, resolution, tree, Map.of(name, observed))
                .getFirst();
    }

    @Test
    void overcommitmentNamesTheConsumers() {
        Specs vfs = spec("a").product(Devices.VF).as("vf");
        ProviderDecision over = decide(2, 3, vfs);
        assertThat(over.findings()).extracting(Finding::reason).containsExactly("Overcommitted", "Held");
        assertThat(over.findings().getFirst().message())
                .contains("3 of 2 CUSTOM_VF", new UUID(0, 1) + " (2)", new UUID(0, 2) + " (1)");
        assertThat(decide(2, 3).findings())
                .as("no spec selects it")
                .extracting(Finding::reason)
                .containsExactly("Overcommitted", "Held");
        assertThat(decide(1, 2, vfs).findings())
                .as("the host has two devices: the wrong total is corrected")
                .isEmpty();
        assertThat(decide(3, 3, vfs).findings())
                .as("a missing device is held, not overcommitted")
                .extracting(Finding::reason)
                .containsExactly("Held");
    }

    private static final PciAddress PF = at("0000:81:00.0");

    private ObservedProvider once(int reserved, Map<UUID, Map<ResourceClass, Integer>> allocations) {
        return new ObservedProvider(
                new ResourceProvider(UUID.randomUUID(), tree.providerName(PF), tree.rootUuid(), tree.rootUuid(), 1),
                new TreeMap<>(Map.of(NIC, Inventory.of(1, reserved))),
                new TreeSet<>(Set.of(Trait.ONE_TIME_USE)),
                allocations,
                DeviceType.PF);
    }

    private ProviderDecision decide(
            HostProviderTree where, ObservedProvider observed, CleaningRecord cleaning, Specs... specs) {
        return ProviderDiffer.compare(
                        host,
                        Resolver.resolve(
                                host, List.of(specs).stream().map(Specs::named).toList()),
                        where,
                        observed == null ? Map.of() : Map.of(observed.name(), observed),
                        Map.of(),
                        AdoptionContext.NONE,
                        AllocatedDevices.NONE,
                        DeviceIdentities.NONE,
                        cleaning)
                .getFirst();
    }

    private static CleaningRecord used(String confirmation, int reserved, Map<PciAddress, String> confirmations) {
        return CleaningRecord.of(Map.of(PF, new UncleanedDevice(confirmation, reserved)), confirmations);
    }

    /** No spec requires one-time use any more, and its consumer still has the device. */
    @Test
    void confirmationDuringARecordedUseDoesNotCount() {
        ObservedProvider observed =
                once(1, Map.of(UUID.randomUUID(), Map.of(NIC, 1))).withTraits(1, new TreeSet<>());
        ProviderDecision decision = decide(
                tree,
                observed,
                used("before", 0, Map.of(PF, "during")),
                spec("a").product(Devices.PF).as("nic"));
        assertThat(decision.inventories().get(NIC)).isEqualTo(Inventory.of(1, 1));
        assertThat(decision.uncleaned()).isEqualTo(new UncleanedDevice("during", 0));
    }

    @Test
    void usedOneTimeUseDeviceIsReservedUntilCleaningIsConfirmed() {
        Specs once = spec("a").product(Devices.PF).as("nic").oneTimeUse();
        ProviderDecision inUse = decide(
                tree,
                once(0, Map.of(UUID.randomUUID(), Map.of(NIC, 1))),
                CleaningRecord.of(Map.of(), Map.of(PF, "before")),
                once);
        assertThat(inUse.inventories().get(NIC)).isEqualTo(Inventory.of(1, 1));
        assertThat(inUse.uncleaned())
                .as("an older confirmation does not count")
                .isEqualTo(new UncleanedDevice("before", 0));

        ProviderDecision waits = decide(tree, once(1, Map.of()), used("before", 0, Map.of(PF, "before")), once);
        assertThat(waits.inventories().get(NIC)).isEqualTo(Inventory.of(1, 1));
        assertThat(waits.findings()).extracting(Finding::reason).containsExactly("AwaitingCleaning");
        assertThat(waits.findings().getFirst().message()).contains("pciplacement.io/cleaned-0000-81-00.0");

        ProviderDecision back = decide(tree, once(1, Map.of()), used("before", 0, Map.of(PF, "after")), once);
        assertThat(back.inventories().get(NIC)).isEqualTo(Inventory.of(1, 0));
        assertThat(back.findings()).isEmpty();
        assertThat(back.uncleaned()).isNull();
        assertThat(decide(tree, once(1, Map.of()), used("before", 1, Map.of(PF, "after")), once)
                        .inventories()
                        .get(NIC))
                .as("the administrator's reservation is kept")
                .isEqualTo(Inventory.of(1, 1));
    }

    @Test
    void possiblyUsedDeviceCountsAsUsed() {
        Specs once = spec("a").product(Devices.PF).as("nic").oneTimeUse();
        CleaningRecord suspected = CleaningRecord.of(Map.of(), Map.of(PF, "new"));
        ProviderDecision decision =
                decide(tree, once(0, Map.of()), suspected.withObservations(Map.of(PF, 0), Map.of()), once);
        assertThat(decision.inventories().get(NIC)).isEqualTo(Inventory.of(1, 1));
        assertThat(decision.uncleaned()).isEqualTo(new UncleanedDevice("new", 0));
        assertThat(decision.operations()).singleElement().isInstanceOf(ProviderOperation.PutInventories.class);
    }

    @Test
    void recreatedProviderOfUsedDeviceStartsReserved() {
        Specs once = spec("a").product(Devices.PF).as("nic").oneTimeUse();
        ProviderDecision created = decide(tree, null, used(null, 0, Map.of()), once);
        assertThat(created.inventories().get(NIC)).isEqualTo(Inventory.of(1, 1));
        assertThat(created.findings()).extracting(Finding::reason).containsExactly("AwaitingCleaning");
        assertThat(((ProviderOperation.PutInventories) created.operations().getLast()).inventories())
                .isEqualTo(created.inventories());
        assertThat(decide(tree, null, CleaningRecord.NONE, once).inventories().get(NIC))
                .isEqualTo(Inventory.of(1, 0));
        assertThat(decide(tree, null, CleaningRecord.NONE.withObservations(Map.of(), Map.of(PF, 1)), once)
                        .inventories()
                        .get(NIC))
                .as("an administrator's reservation on the deleted provider")
                .isEqualTo(Inventory.of(1, 1));
    }

    @Test
    void unselectedProviderIsDeletedOnlyIfNothingIsLost() {
        assertThat(decide(tree, once(0, Map.of()), CleaningRecord.NONE).state()).isEqualTo(State.REMOVED);
        ProviderDecision uncleaned = decide(tree, once(1, Map.of()), used(null, 0, Map.of()));
        assertThat(uncleaned.state()).isEqualTo(State.ORPHANED);
        assertThat(uncleaned.findings()).extracting(Finding::reason).containsExactly("AwaitingCleaning");
        ProviderDecision reserved = decide(tree, once(1, Map.of()), CleaningRecord.NONE);
        assertThat(reserved.state()).isEqualTo(State.ORPHANED);
        assertThat(reserved.findings().getFirst().message()).contains("reserved 1 of it");
        assertThat(reserved.operations()).isEmpty();
        assertThat(decide(tree, once(1, Map.of()), used(null, 0, Map.of(PF, "cleaned")))
                        .state())
                .isEqualTo(State.REMOVED);
    }

    /** Nova fails to create servers on the host if a provider in its cache has been deleted. */
    @Test
    void providersBelowForeignRootAreNotDeleted() {
        HostProviderTree novas = new HostProviderTree(
                tree.rootName(),
                tree.rootUuid(),
                new TreeSet<>(Set.of(Trait.OPERATOR_MANAGED, Trait.MANAGED_PCI_DEVICE)),
                false);
        ProviderDecision retired = decide(novas, once(0, Map.of()), CleaningRecord.NONE);
        assertThat(retired.state()).isEqualTo(State.RETIRED);
        assertThat(retired.inventories()).isEmpty();
        assertThat(retired.traits()).containsExactly(Trait.OPERATOR_MANAGED);
        assertThat(retired.operations())
                .extracting(Object::getClass)
                .containsExactly(ProviderOperation.PutInventories.class, ProviderOperation.PutTraits.class);
    }

    /** VFs are disabled and enabled again at each boot. */
    @Test
    void administratorReservationIsNeverLowered() {
        ResourceClass vf = new ResourceClass("CUSTOM_VF");
        ObservedProvider eight = new ObservedProvider(
                new ResourceProvider(UUID.randomUUID(), tree.providerName(PF), tree.rootUuid(), tree.rootUuid(), 1),
                new TreeMap<>(Map.of(vf, Inventory.of(8, 3))),
                new TreeSet<>(),
                Map.of(),
                DeviceType.VF);
        assertThat(decide(tree, eight, CleaningRecord.NONE).inventories())
                .as("no device is selected: the inventory is not offered, and the reservation is kept")
                .isEqualTo(Map.of(vf, Inventory.of(3, 3)));
        assertThat(decide(
                                tree,
                                eight,
                                CleaningRecord.NONE,
                                spec("a").product(Devices.VF).as("vf"))
                        .inventories())
                .as("two are selected")
                .isEqualTo(Map.of(vf, Inventory.of(3, 3)));
    }

    /** Class and traits change in three requests, and the operator may end after each of them. */
    @Test
    void reservationIsKeptDuringChangeOfResourceClass() {
        Specs other = spec("a").product(Devices.PF).as("other").traits("CUSTOM_FAST");
        List<ProviderOperation> operations =
                decide(tree, once(1, Map.of()), CleaningRecord.NONE, other).operations();
        assertThat(operations)
                .extracting(Object::getClass)
                .containsExactly(
                        ProviderOperation.PutInventories.class,
                        ProviderOperation.PutTraits.class,
                        ProviderOperation.PutInventories.class);
        assertThat(((ProviderOperation.PutInventories) operations.getFirst()).inventories())
                .isEqualTo(Map.of(NIC, Inventory.of(1, 1)));
        assertThat(((ProviderOperation.PutInventories) operations.getLast()).inventories())
                .isEqualTo(Map.of(new ResourceClass("CUSTOM_OTHER"), Inventory.of(1, 1)));
    }

    @Test
    void generationShowsUseBetweenTwoReads() {
        ObservedProvider now = once(1, Map.of());
        assertThat(CleaningRecord.mayHaveBeenUsed(1, now.inventories(), now.traits(), now))
                .isFalse();
        assertThat(CleaningRecord.mayHaveBeenUsed(0, once(0, Map.of()).inventories(), now.traits(), now))
                .as("an administrator reserved it: one change, one generation")
                .isFalse();
        assertThat(CleaningRecord.mayHaveBeenUsed(0, now.inventories(), now.traits(), now))
                .as("the generation changed without a visible change")
                .isTrue();
        assertThat(CleaningRecord.mayHaveBeenUsed(2, now.inventories(), now.traits(), now))
                .as("Placement was restored from a backup")
                .isTrue();
    }
}
