package io.pciplacement.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec.AdoptPolicy;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.DeviceIdentityStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderState;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.AdoptionContext;
import io.pciplacement.planning.UncleanedDevice;
import io.pciplacement.planning.finding.DeviceIdentity;
import io.pciplacement.sync.host.HostRecord;
import io.pciplacement.sync.host.ProviderSnapshot;
import io.pciplacement.testing.Devices;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The state that is read from a status, which other versions and users may have written. */
class HostStatusReaderTest {

    private static final String UUID_TEXT = "00000000-0000-0001-0000-000000000001";
    private static final UUID PROVIDER = UUID.fromString(UUID_TEXT);

    private static ProviderStatus row(
            @Nullable String uuid,
            @Nullable Integer generation,
            @Nullable String resourceClass,
            @Nullable List<String> traits,
            @Nullable Integer total,
            @Nullable Integer used) {
        return new ProviderStatus(
                "p",
                uuid,
                resourceClass,
                traits,
                "nic",
                DeviceType.VF,
                total,
                1,
                used,
                generation,
                used != null && used > 0 ? "0123456789abcdef" : null,
                null,
                ProviderState.IN_SYNC,
                null,
                null);
    }

    private static ProviderStatus completeRow() {
        return row(UUID_TEXT, 3, "CUSTOM_VF", List.of("CUSTOM_BLUE"), 4, 2);
    }

    private static HostPciInventory host(@Nullable HostPciInventoryStatus status) {
        HostPciInventory host = new HostPciInventory();
        host.setStatus(status);
        return host;
    }

    private static HostPciInventoryStatus status(
            @Nullable String root,
            @Nullable List<ProviderStatus> rows,
            @Nullable List<HostPciInventoryStatus.UncleanedDevice> uncleaned) {
        return new HostPciInventoryStatus(
                null, null, null, null, null, null, root, null, null, rows, null, null, uncleaned, null, null, null);
    }

    private static ProviderSnapshot snapshot(ProviderStatus row) {
        return HostStatusReader.readSnapshots(host(status(null, List.of(row), null)))
                .get("p");
    }

    @Test
    void completeRowIsASnapshot() {
        assertThat(snapshot(completeRow()))
                .isEqualTo(new ProviderSnapshot(
                        DeviceType.VF,
                        new ProviderSnapshot.Content(
                                PROVIDER,
                                3,
                                new TreeMap<>(Map.of(new ResourceClass("CUSTOM_VF"), Inventory.of(4, 1))),
                                new TreeSet<>(List.of(new Trait("CUSTOM_BLUE"))),
                                true,
                                "0123456789abcdef")));
        assertThat(snapshot(row(UUID_TEXT, 3, "CUSTOM_VF", List.of(), 4, 0))
                        .content()
                        .inUse())
                .isFalse();
    }

    static Stream<Arguments> incompleteRows() {
        return Stream.of(
                arguments(row(null, 3, "CUSTOM_VF", List.of(), 4, 2)),
                arguments(row("not a uuid", 3, "CUSTOM_VF", List.of(), 4, 2)),
                arguments(row(UUID_TEXT, null, "CUSTOM_VF", List.of(), 4, 2)),
                arguments(row(UUID_TEXT, 3, null, List.of(), 4, 2)),
                arguments(row(UUID_TEXT, 3, "CUSTOM_VF", null, 4, 2)),
                arguments(row(UUID_TEXT, 3, "CUSTOM_VF", List.of(), null, 2)),
                arguments(row(UUID_TEXT, 3, "CUSTOM_VF", List.of(), 4, null)));
    }

    @ParameterizedTest
    @MethodSource("incompleteRows")
    void incompleteRowHasNoContent(ProviderStatus row) {
        assertThat(snapshot(row)).isEqualTo(new ProviderSnapshot(DeviceType.VF, null));
    }

    @Test
    void knownGenerationIsKeptForUnchangedContent() {
        ProviderStatus current = completeRow().withGeneration(null, null);
        ProviderStatus otherUnits = row(UUID_TEXT, 9, "CUSTOM_VF", List.of("CUSTOM_BLUE"), 8, 2);
        assertThat(HostStatusReader.withKnownGeneration(current, completeRow())).isEqualTo(completeRow());
        assertThat(HostStatusReader.withKnownGeneration(current, otherUnits)).isEqualTo(current);
        assertThat(HostStatusReader.withKnownGeneration(current, null)).isEqualTo(current);
        assertThat(HostStatusReader.withKnownGeneration(
                        completeRow(), completeRow().withGeneration(9, null)))
                .isEqualTo(completeRow());
    }

    @Test
    void identitySurvivesTheStatus() {
        for (DeviceIdentity identity : List.of(
                new DeviceIdentity(0x8086, 0x15b3, "SN1", "boot"), new DeviceIdentity(0x8086, -1, null, null))) {
            DeviceIdentityStatus stored = HostStatusReader.toIdentityStatus(identity);
            ProviderStatus row = new ProviderStatus(
                    "p",
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    stored,
                    ProviderState.HELD,
                    null,
                    null);
            assertThat(HostStatusReader.readIdentities(host(status(null, List.of(row), null)))
                            .lastKnown())
                    .isEqualTo(Map.of("p", identity));
        }
        assertThat(HostStatusReader.toIdentityStatus(null)).isNull();
    }

    @Test
    void adoptModeIsNoneByDefault() {
        Map<AdoptPolicy, AdoptionContext.Mode> modes = Map.of(
                AdoptPolicy.NONE,
                AdoptionContext.Mode.NONE,
                AdoptPolicy.PLAN,
                AdoptionContext.Mode.PLAN,
                AdoptPolicy.ADOPT,
                AdoptionContext.Mode.ADOPT);
        HostPciInventory host = host(null);
        assertThat(HostStatusReader.readAdoptMode(host)).isEqualTo(AdoptionContext.Mode.NONE);
        host.setSpec(new HostPciInventorySpec(null, null, null, null, null, null, null));
        assertThat(HostStatusReader.readAdoptMode(host)).isEqualTo(AdoptionContext.Mode.NONE);
        modes.forEach((policy, mode) -> {
            host.setSpec(new HostPciInventorySpec(null, null, null, null, policy, null, null));
            assertThat(HostStatusReader.readAdoptMode(host)).isEqualTo(mode);
        });
    }

    @Test
    void hostRecordContainsTheRoot() {
        assertThat(HostStatusReader.readHostRecord(host(status(UUID_TEXT, null, null)), HostRecord.Allocations.NONE)
                        .root())
                .isEqualTo(PROVIDER);
        assertThat(HostStatusReader.readHostRecord(host(status("gpu-07", null, null)), HostRecord.Allocations.NONE)
                        .root())
                .isNull();
        assertThat(HostStatusReader.readHostRecord(host(null), HostRecord.Allocations.NONE)
                        .root())
                .isNull();
        assertThat(HostStatusReader.readHostRecord(host(null), HostRecord.Allocations.NONE)
                        .providers())
                .isEqualTo(HostRecord.NONE.providers());
    }

    @Test
    void uncleanedDevicesAreOrderedByAddress() {
        assertThat(HostStatusReader.toUncleanedStatus(Map.of(
                        Devices.at("0000:82:00.0"),
                        new UncleanedDevice("1", 2),
                        Devices.at("0000:81:00.0"),
                        new UncleanedDevice(null, 0))))
                .containsExactly(
                        new HostPciInventoryStatus.UncleanedDevice("0000:81:00.0", null, null),
                        new HostPciInventoryStatus.UncleanedDevice("0000:82:00.0", "1", 2));
        assertThat(HostStatusReader.toUncleanedStatus(Map.of())).isNull();
    }
}
