package io.pciplacement.operator.host;

import static io.pciplacement.operator.host.HostStatusFixture.NOW;
import static io.pciplacement.operator.host.HostStatusFixture.NOW_TEXT;
import static io.pciplacement.operator.host.HostStatusFixture.UNAVAILABLE;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec.QuarantineEntry;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec.ReportingMode;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.MaintenanceStatus;
import io.pciplacement.api.v1alpha1.MaintenanceStatus.QuarantineState;
import io.pciplacement.api.v1alpha1.MaintenanceStatus.QuarantinedDevice;
import io.pciplacement.mapping.HostSyncRequestMapper;
import io.pciplacement.operator.status.ConditionsBuilder;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.AllocatedDevices;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.sync.PlacementSync;
import io.pciplacement.sync.host.HostRecord;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.FakePlacement;
import io.pciplacement.testing.Specs;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Tests of the status of quarantined devices and of a drain, from the results of real syncs with a fake Placement. */
class MaintenanceStatusFactoryTest {

    private static final String PLAIN = "0000:81:01.0";
    private static final String PF = "0000:81:00.0";
    private static final String VF1 = "0000:81:00.1";
    private static final List<DeviceSpec> SPECS = List.of(
            Specs.spec("plain").product(Devices.PCI).build(),
            Specs.spec("vfs").product(Devices.VF).build());

    private final FakePlacement placement = new FakePlacement();

    @AutoClose
    private final ExecutorService pool = Executors.newFixedThreadPool(2);

    private final PlacementSync sync = new PlacementSync(placement, OwnershipTraits.DEFAULT, pool);
    private final HostPciInventory host = new HostPciInventory();
    private HostDevices devices =
            new Devices().pfWithVfs(0, 2).plain(1).serialNumber("A").build();
    private AllocatedDevices allocated = AllocatedDevices.NONE;
    private final SortedMap<UUID, Optional<String>> consumers = new TreeMap<>();

    private void setSpec(boolean drain, String... quarantined) {
        host.getMetadata().setName("gpu-07");
        host.getMetadata().setGeneration(1L);
        host.setSpec(new HostPciInventorySpec(
                ReportingMode.ENABLED,
                new HostPciInventorySpec.RootProvider(null, true),
                null,
                null,
                null,
                Stream.of(quarantined)
                        .map(address -> new QuarantineEntry(address, "broken"))
                        .toList(),
                drain));
        if (host.getStatus() == null) {
            host.setStatus(HostPciInventoryStatus.EMPTY);
        }
    }

    private HostSyncResult synced() {
        sync.runSweep();
        return sync.syncHost(HostSyncRequestMapper.toSyncRequest(
                withDeviceList(), true, devices, SPECS, allocated, HostRecord.Allocations.NONE, record -> {}));
    }

    /** The request requires that an agent has published a list. */
    private HostPciInventory withDeviceList() {
        HostPciInventoryStatus status = Objects.requireNonNull(host.getStatus());
        host.setStatus(new HostPciInventoryStatus(
                null,
                List.of(),
                null,
                1L,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                status.maintenance(),
                null,
                status.conditions()));
        return host;
    }

    private MaintenanceStatusFactory factory(HostSyncResult result) {
        return new MaintenanceStatusFactory(host, result, devices, () -> allocated, consumers, NOW);
    }

    /** Creates the status and keeps it in the object, as the API server does. */
    private @Nullable MaintenanceStatus update(HostSyncResult result) {
        MaintenanceStatus status = factory(result).createStatus();
        host.setStatus(Objects.requireNonNull(host.getStatus()).withMaintenance(status));
        return status;
    }

    private Map<String, QuarantineState> states(HostSyncResult result) {
        Map<String, QuarantineState> states = new TreeMap<>();
        List<QuarantinedDevice> rows = Objects.requireNonNull(update(result)).quarantinedDevices();
        Objects.requireNonNull(rows).forEach(row -> states.put(row.address(), row.state()));
        return states;
    }

    private Optional<Condition> condition(HostSyncResult result, String type) {
        ConditionsBuilder conditions = new ConditionsBuilder(null, 1L, NOW);
        factory(result).addTo(conditions);
        return conditions.findCondition(type);
    }

    private void allocate(String provider, String resourceClass, PciAddress device) {
        UUID consumer = UUID.randomUUID();
        placement.putAllocations(Map.of(
                consumer,
                new io.pciplacement.placement.Allocation(
                        Map.of(
                                placement.uuid("gpu-07_" + provider).orElseThrow(),
                                Map.of(new ResourceClass(resourceClass), 1)),
                        "project",
                        "user",
                        null,
                        "INSTANCE")));
        allocated = new AllocatedDevices(Map.of(consumer, Set.of(device)));
        consumers.put(consumer, Optional.of("web"));
    }

    @Test
    void hostWithoutWithheldDevicesHasNoStatus() {
        setSpec(false);
        assertThat(update(synced())).isNull();
        assertThat(condition(synced(), "Quarantined")).isEmpty();
        assertThat(condition(synced(), "Drained")).isEmpty();
    }

    @Test
    void statesOfQuarantinedDevices() {
        setSpec(false);
        synced();
        allocate(PF, "CUSTOM_PCI_8086_1515", Devices.at(VF1));
        setSpec(false, PLAIN, VF1, "0000:81:00.2", "0000:99:00.0");
        assertThat(states(synced()))
                .containsExactly(
                        Map.entry(VF1, QuarantineState.IN_USE),
                        Map.entry("0000:81:00.2", QuarantineState.RESERVED),
                        Map.entry(PLAIN, QuarantineState.RESERVED),
                        Map.entry("0000:99:00.0", QuarantineState.ABSENT));
        assertThat(states(UNAVAILABLE)).containsEntry(VF1, QuarantineState.IN_USE);
        assertThat(condition(synced(), "Quarantined").orElseThrow().getMessage())
                .isEqualTo(
                        "4 devices are quarantined (spec.quarantine): 0000:81:00.1 (InUse), 0000:81:00.2 (Reserved), 0000:81:01.0 (Reserved), 0000:99:00.0 (Absent). No claim selects them until they are released (pci release NODE ADDRESS).");
        setSpec(false, PF);
        assertThat(states(synced())).containsExactly(Map.entry(PF, QuarantineState.IN_USE));
    }

    @Test
    void deviceThatNoSpecSelectsIsUntracked() {
        devices = new Devices()
                .with(devices)
                .with(Devices.host(Devices.pf("0000:90:00.0")))
                .build();
        setSpec(false, "0000:90:00.0");
        assertThat(states(synced())).containsExactly(Map.entry("0000:90:00.0", QuarantineState.UNTRACKED));
    }

    @Test
    void pendingUntilThereIsAResult() {
        setSpec(false, PLAIN);
        assertThat(states(UNAVAILABLE)).containsExactly(Map.entry(PLAIN, QuarantineState.PENDING));
    }

    @Test
    void replacedCardIsReportedAndStaysQuarantined() {
        setSpec(false, PLAIN);
        QuarantinedDevice first = row(update(synced()));
        assertThat(first.since()).isEqualTo(NOW_TEXT);
        assertThat(Objects.requireNonNull(first.deviceIdentity()).serialNumber())
                .isEqualTo("A");
        devices = new Devices().pfWithVfs(0, 2).plain(1).build();
        assertThat(row(update(synced())).replacedBy())
                .as("unknown is not another one")
                .isNull();
        devices = new Devices().pfWithVfs(0, 2).plain(1).serialNumber("B").build();
        QuarantinedDevice replaced = row(update(synced()));
        assertThat(Objects.requireNonNull(replaced.deviceIdentity()).serialNumber())
                .isEqualTo("A");
        assertThat(Objects.requireNonNull(replaced.replacedBy()).serialNumber()).isEqualTo("B");
        assertThat(replaced.state()).isEqualTo(QuarantineState.RESERVED);
        assertThat(condition(synced(), "Quarantined").orElseThrow())
                .extracting(Condition::getReason, Condition::getMessage)
                .containsExactly(
                        "QuarantinedDeviceReplaced",
                        "0000:81:01.0 is quarantined, but card 8086:1533/A has been replaced by card 8086:1533/B. The quarantine stays until a person ends it: pci release NODE 0000:81:01.0.");
        devices = new Devices().pfWithVfs(0, 2).plain(1).serialNumber("A").build();
        assertThat(row(update(synced())).replacedBy()).isNull();
    }

    private static QuarantinedDevice row(@Nullable MaintenanceStatus status) {
        return Objects.requireNonNull(Objects.requireNonNull(status).quarantinedDevices())
                .getFirst();
    }

    @Test
    void hostIsDrainedWithoutConsumers() {
        setSpec(false);
        synced();
        allocate(PLAIN, "CUSTOM_PCI_8086_1533", Devices.at(PLAIN));
        UUID consumer = consumers.firstKey();
        setSpec(true);
        HostSyncResult draining = synced();
        assertThat(Objects.requireNonNull(update(draining)).drain())
                .isEqualTo(new MaintenanceStatus.DrainStatus(
                        1, List.of(new MaintenanceStatus.RemainingConsumer(consumer.toString(), "web"))));
        assertThat(condition(draining, "Drained").orElseThrow())
                .extracting(Condition::getStatus, Condition::getReason, Condition::getMessage)
                .containsExactly(
                        "False",
                        "Draining",
                        "1 consumer has devices of the host: " + consumer + " (web). Move or delete them.");
        placement.deleteAllocations(consumer);
        consumers.clear();
        // An empty list would not be written, and the CRD would reject the status if the list were required.
        assertThat(Objects.requireNonNull(update(synced())).drain())
                .isEqualTo(new MaintenanceStatus.DrainStatus(0, null));
        assertThat(condition(synced(), "Drained").orElseThrow())
                .extracting(Condition::getStatus, Condition::getReason)
                .containsExactly("True", "Drained");
        assertThat(condition(UNAVAILABLE, "Drained").orElseThrow().getStatus()).isEqualTo("Unknown");
    }

    @Test
    void hostIsNotDrainedBeforeItIsReserved() {
        setSpec(false);
        synced();
        setSpec(true);
        placement.before = request -> {
            if (!request.startsWith("GET")) {
                throw new io.pciplacement.placement.PlacementException.Rejected("no");
            }
        };
        assertThat(condition(synced(), "Drained").orElseThrow())
                .extracting(Condition::getStatus, Condition::getMessage)
                .containsExactly("False", "Not all units of the host are reserved in Placement yet.");
    }
}
