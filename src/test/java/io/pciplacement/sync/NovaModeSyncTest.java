package io.pciplacement.sync;

import static io.pciplacement.sync.SingleHostFixture.PLAIN;
import static io.pciplacement.sync.SingleHostFixture.plainDevices;
import static io.pciplacement.testing.Specs.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.HostAttachments;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.AdoptionContext;
import io.pciplacement.planning.AllocatedDevices;
import io.pciplacement.planning.CleaningRecord;
import io.pciplacement.planning.DeviceIdentities;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.planning.UncleanedDevice;
import io.pciplacement.planning.finding.Finding;
import io.pciplacement.planning.reservation.ReservationPolicy;
import io.pciplacement.sync.host.HostRecord;
import io.pciplacement.sync.host.HostSyncRequest;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.reservation.ReservationRecordStore;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.FakePlacement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Tests of a host with {@code reporting: Nova}: nova-compute has created the root provider and the providers below it.
 */
class NovaModeSyncTest {

    private static final UUID ROOT = UUID.randomUUID();
    private static final UUID PROVIDER = UUID.randomUUID();
    private static final String NAME = "gpu-07_0000:00:00.0";
    private static final DeviceSpec PLAIN_SPEC = SingleHostFixture.PLAIN_SPEC;
    private static final DeviceSpec ONCE_SPEC =
            spec("plain").product(Devices.PCI).oneTimeUse().build();

    /** Record of a device that was used. */
    private static final HostRecord UNCLEANED = usedDevice(Map.of());

    /** The same, and its cleaning was confirmed. */
    private static final HostRecord CLEANED = usedDevice(Map.of(Devices.at("0000:00:00.0"), "now"));

    @AutoClose
    private final SingleHostFixture host = new SingleHostFixture();

    private final FakePlacement placement = host.placement;

    @BeforeEach
    void createRoot() {
        placement.createProvider(ROOT, "gpu-07", Optional.empty());
    }

    private static HostRecord usedDevice(Map<PciAddress, String> confirmations) {
        Map<PciAddress, UncleanedDevice> used = Map.of(Devices.at("0000:00:00.0"), new UncleanedDevice(null, 0));
        return new HostRecord(
                Map.of(),
                DeviceIdentities.NONE,
                CleaningRecord.of(used, confirmations),
                Map.of(),
                HostRecord.Allocations.NONE,
                null);
    }

    private static SortedSet<Trait> exportedTraits(String... more) {
        SortedSet<Trait> traits =
                new TreeSet<>(List.of(Trait.OPERATOR_MANAGED, Trait.MANAGED_PCI_DEVICE, Trait.OWNER_NOVA));
        for (String name : more) {
            traits.add(new Trait(name));
        }
        return traits;
    }

    /** nova-compute creates a provider, with a random uuid. */
    private void createProvider(ResourceClass resourceClass, int total, SortedSet<Trait> traits) {
        placement.createProvider(PROVIDER, NAME, Optional.of(ROOT));
        placement.createResourceClass(resourceClass);
        traits.forEach(placement::createTrait);
        int generation = placement.putInventories(
                PROVIDER, new ProviderInventories(0, new TreeMap<>(Map.of(resourceClass, Inventory.of(total, 0)))));
        placement.putTraits(PROVIDER, new ProviderTraits(generation, traits));
        host.sync.runSweep();
        placement.requests.clear();
    }

    /** Another client writes the inventory without a reservation. */
    private void writeInventory(ResourceClass resourceClass) {
        writeInventory(resourceClass, 0);
    }

    private void writeInventory(ResourceClass resourceClass, int reserved) {
        int generation = placement.getInventories(PROVIDER).generation();
        placement.putInventories(
                PROVIDER,
                new ProviderInventories(generation, new TreeMap<>(Map.of(resourceClass, Inventory.of(1, reserved)))));
        host.sync.runSweep();
        placement.requests.clear();
    }

    private ProviderDecision syncProvider(DeviceSpec... specs) {
        return syncProvider(HostRecord.NONE, specs);
    }

    private ProviderDecision syncProvider(HostRecord record, DeviceSpec... specs) {
        return sync(plainDevices(1), record, specs).providers().getFirst().decision();
    }

    private HostSyncResult.Synced sync(HostDevices devices, HostRecord record, DeviceSpec... specs) {
        return host.syncHost(new HostSyncRequest(
                "gpu-07",
                "gpu-07",
                false,
                HostSyncRequest.WriteScope.RESERVATIONS,
                null,
                devices,
                List.of(specs),
                record,
                AllocatedDevices.NONE,
                AdoptionContext.Mode.NONE,
                HostAttachments.UNKNOWN,
                ReservationPolicy.NONE,
                ReservationRecordStore.READ_ONLY));
    }

    private void assertNothingWritten() {
        assertThat(placement.requests).allMatch(request -> request.startsWith("GET"));
    }

    private static List<String> reasons(ProviderDecision decision) {
        return decision.findings().stream().map(Finding::reason).toList();
    }

    @Test
    void exportedProviderIsInSync() {
        createProvider(PLAIN, 1, exportedTraits());
        assertThat(syncProvider(PLAIN_SPEC).state()).isEqualTo(State.WANTED);
        assertNothingWritten();
    }

    @Test
    void missingProviderIsNotCreated() {
        host.sync.runSweep();
        placement.requests.clear();
        ProviderDecision decision = syncProvider(PLAIN_SPEC);
        assertThat(decision.state()).isEqualTo(State.AWAITING_NOVA);
        assertThat(decision.findings().getFirst().message())
                .contains("does not exist", "1 CUSTOM_PCI_8086_1533", "restart nova-compute");
        assertThat(decision.existsInPlacement()).isFalse();
        assertNothingWritten();
        assertThat(sync(plainDevices(1), HostRecord.NONE, PLAIN_SPEC).retry())
                .as("nova-compute may create it without the ownership trait")
                .isTrue();
    }

    @Test
    void providerWithoutOwnershipTraitIsNotExported() {
        createProvider(PLAIN, 1, new TreeSet<>(List.of(Trait.MANAGED_PCI_DEVICE)));
        ProviderDecision decision = syncProvider(PLAIN_SPEC);
        assertThat(decision.state()).isEqualTo(State.AWAITING_NOVA);
        assertThat(reasons(decision)).containsExactly("NotExported");
        assertNothingWritten();
    }

    /** The class in use is needed for the export: nova-compute does not start with another one. */
    @Test
    void classAndUseOfProviderWithoutOwnershipTraitAreKnown() {
        ResourceClass other = new ResourceClass("CUSTOM_OTHER");
        createProvider(other, 1, new TreeSet<>(List.of(Trait.MANAGED_PCI_DEVICE)));
        host.allocate(UUID.randomUUID(), PROVIDER, other);
        placement.requests.clear();
        HostSyncResult.Synced synced = sync(plainDevices(1), HostRecord.NONE, PLAIN_SPEC);
        HostSyncResult.ProviderResult result = synced.providers().getFirst();
        assertThat(reasons(result.decision())).contains("NotExported", "Held");
        assertThat(result.decision().state()).isEqualTo(State.AWAITING_NOVA);
        assertThat(result.decision().inventories()).containsOnlyKeys(other);
        assertThat(result.decision().used()).isEqualTo(1);
        assertThat(result.toSnapshot().content()).as("no capacity for claims").isNull();
        assertThat(synced.retry()).as("its use is read again").isTrue();
        assertNothingWritten();
    }

    /** nova-compute was restarted with a configuration that was not exported. */
    @Test
    void providerThatLostTheOwnershipTraitIsNotExported() {
        createProvider(PLAIN, 1, exportedTraits());
        assertThat(syncProvider(PLAIN_SPEC).state()).isEqualTo(State.WANTED);
        int generation = placement.listProvidersInTree(ROOT).stream()
                .filter(provider -> provider.uuid().equals(PROVIDER))
                .findFirst()
                .orElseThrow()
                .generation();
        placement.putTraits(PROVIDER, new ProviderTraits(generation, List.of(Trait.MANAGED_PCI_DEVICE)));
        host.sync.runSweep();
        placement.requests.clear();
        assertThat(reasons(syncProvider(PLAIN_SPEC))).containsExactly("NotExported");
        assertNothingWritten();
    }

    @Test
    void differenceIsReportedAndNotWritten() {
        createProvider(new ResourceClass("CUSTOM_OTHER"), 2, exportedTraits("CUSTOM_OLD"));
        ProviderDecision decision = syncProvider(PLAIN_SPEC);
        assertThat(decision.state()).isEqualTo(State.AWAITING_NOVA);
        assertThat(reasons(decision)).startsWith("AwaitingNova");
        assertThat(decision.findings().getFirst().message())
                .contains("-CUSTOM_OLD", "2 CUSTOM_OTHER -> 1 CUSTOM_PCI_8086_1533");
        assertThat(decision.traits()).as("the traits in Placement").isEqualTo(exportedTraits("CUSTOM_OLD"));
        assertNothingWritten();
    }

    @Test
    void providerThatNoSpecSelectsIsNeitherDeletedNorEmptied() {
        createProvider(PLAIN, 1, exportedTraits());
        ProviderDecision decision = syncProvider();
        assertThat(decision.state()).isEqualTo(State.AWAITING_NOVA);
        assertThat(decision.findings().getFirst().message()).contains("no spec selects its devices any more");
        assertNothingWritten();
    }

    @Test
    void usedOneTimeUseDeviceIsReservedAndReleasedAfterCleaning() {
        createProvider(PLAIN, 1, exportedTraits("HW_PCI_ONE_TIME_USE"));
        assertThat(reasons(syncProvider(UNCLEANED, ONCE_SPEC))).containsExactly("AwaitingCleaning");
        assertThat(placement.requests).contains("PUT inventories").doesNotContain("PUT traits");
        assertThat(placement.tree().get(NAME)).startsWith("[CUSTOM_PCI_8086_1533=1/1]");

        assertThat(syncProvider(CLEANED, ONCE_SPEC).state()).isEqualTo(State.WANTED);
        assertThat(placement.tree().get(NAME)).startsWith("[CUSTOM_PCI_8086_1533=1/0]");
    }

    /** nova-compute has just created the provider, so its device was never allocated. */
    @Test
    void newOneTimeUseDeviceIsNotReserved() {
        createProvider(PLAIN, 1, exportedTraits("HW_PCI_ONE_TIME_USE"));
        ProviderDecision decision = syncProvider(ONCE_SPEC);
        assertThat(decision.state()).isEqualTo(State.WANTED);
        assertThat(reasons(decision)).isEmpty();
        assertNothingWritten();
    }

    @Test
    void oneTimeUseDeviceThatWasAllocatedBeforeItIsKnownIsReserved() {
        createProvider(PLAIN, 1, exportedTraits("HW_PCI_ONE_TIME_USE"));
        UUID server = UUID.randomUUID();
        host.allocate(server, PROVIDER, PLAIN);
        placement.deleteAllocations(server);
        host.sync.runSweep();
        assertThat(reasons(syncProvider(ONCE_SPEC))).containsExactly("AwaitingCleaning");
        assertThat(placement.tree().get(NAME)).startsWith("[CUSTOM_PCI_8086_1533=1/1]");
    }

    /** nova-compute reserves the device when a server gets it, possibly before the operator has seen the use. */
    @Test
    void reservationOfNovaComputeIsReleasedAfterCleaning() {
        createProvider(PLAIN, 1, exportedTraits("HW_PCI_ONE_TIME_USE"));
        assertThat(syncProvider(ONCE_SPEC).state()).isEqualTo(State.WANTED);
        UUID server = UUID.randomUUID();
        host.allocate(server, PROVIDER, PLAIN);
        writeInventory(PLAIN, 1);
        Map<PciAddress, UncleanedDevice> used =
                sync(plainDevices(1), HostRecord.NONE, ONCE_SPEC).uncleaned();
        placement.deleteAllocations(server);
        host.sync.runSweep();
        HostRecord cleaned = new HostRecord(
                Map.of(),
                DeviceIdentities.NONE,
                CleaningRecord.of(used, Map.of(Devices.at("0000:00:00.0"), "now")),
                Map.of(),
                HostRecord.Allocations.NONE,
                null);
        assertThat(syncProvider(cleaned, ONCE_SPEC).state()).isEqualTo(State.WANTED);
        assertThat(placement.tree().get(NAME)).startsWith("[CUSTOM_PCI_8086_1533=1/0]");
    }

    /** Another client sets the reservation to 0 each time: the operator does not write it without end. */
    @Test
    void reservationThatIsRevertedTwiceIsNotWrittenAgain() {
        createProvider(PLAIN, 1, exportedTraits("HW_PCI_ONE_TIME_USE"));
        for (int revert = 0; revert < 2; revert++) {
            assertThat(syncProvider(UNCLEANED, ONCE_SPEC).state()).isEqualTo(State.WANTED);
            assertThat(placement.tree().get(NAME)).startsWith("[CUSTOM_PCI_8086_1533=1/1]");
            writeInventory(PLAIN);
        }
        for (int sweep = 0; sweep < 2; sweep++) {
            ProviderDecision decision = syncProvider(UNCLEANED, ONCE_SPEC);
            assertThat(decision.state()).isEqualTo(State.CONTESTED);
            assertThat(reasons(decision)).containsExactly("RewrittenByOther", "AwaitingCleaning");
            assertThat(decision.findings().getFirst().message())
                    .contains("desired state is 1 CUSTOM_PCI_8086_1533 reserved")
                    .contains("Placement has 0 CUSTOM_PCI_8086_1533 reserved");
            assertThat(decision.uncleaned()).as("still recorded").isNotNull();
            assertNothingWritten();
        }
        assertThat(syncProvider(CLEANED, ONCE_SPEC).state()).isEqualTo(State.WANTED);
        assertNothingWritten();
    }

    /** nova-compute drops the reservation when it changes the class. Each class has a history of its own. */
    @Test
    void reservationIsWrittenAgainForEachNewClass() {
        createProvider(PLAIN, 1, exportedTraits("HW_PCI_ONE_TIME_USE"));
        for (String name : List.of("CUSTOM_A", "CUSTOM_B", "CUSTOM_C", "CUSTOM_D")) {
            ResourceClass resourceClass = new ResourceClass(name);
            placement.createResourceClass(resourceClass);
            writeInventory(resourceClass);
            assertThat(syncProvider(UNCLEANED, ONCE_SPEC).state()).isEqualTo(State.AWAITING_NOVA);
            assertThat(placement.tree().get(NAME)).startsWith("[" + name + "=1/1]");
        }
    }

    /** The reservation does not depend on what nova-compute still has to change. */
    @Test
    void deviceIsReservedAlthoughProviderAwaitsNova() {
        createProvider(new ResourceClass("CUSTOM_OTHER"), 1, exportedTraits("HW_PCI_ONE_TIME_USE"));
        assertThat(syncProvider(UNCLEANED, ONCE_SPEC).state()).isEqualTo(State.AWAITING_NOVA);
        assertThat(placement.tree().get(NAME)).startsWith("[CUSTOM_OTHER=1/1]");
    }

    @Test
    void rootProviderIsNotCreated() {
        placement.deleteProvider(ROOT);
        host.sync.runSweep();
        placement.requests.clear();
        HostSyncResult result = host.sync.syncHost(new HostSyncRequest(
                "gpu-07",
                "gpu-07",
                true,
                HostSyncRequest.WriteScope.RESERVATIONS,
                null,
                plainDevices(1),
                List.of(PLAIN_SPEC),
                HostRecord.NONE,
                AllocatedDevices.NONE,
                AdoptionContext.Mode.NONE,
                HostAttachments.UNKNOWN,
                ReservationPolicy.NONE,
                ReservationRecordStore.READ_ONLY));
        assertThat(result).isInstanceOf(HostSyncResult.RootMissing.class);
        assertNothingWritten();
    }
}
