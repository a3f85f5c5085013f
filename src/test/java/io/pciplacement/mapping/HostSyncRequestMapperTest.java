package io.pciplacement.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec.ReportingMode;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec.RootProvider;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.pci.HostAttachments;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.planning.AllocatedDevices;
import io.pciplacement.sync.host.HostRecord;
import io.pciplacement.sync.host.HostSyncRequest;
import io.pciplacement.sync.host.HostSyncRequest.Missing;
import io.pciplacement.sync.host.HostSyncRequest.WriteScope;
import io.pciplacement.sync.reservation.ReservationRecordStore;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.Hosts;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostSyncRequestMapperTest {

    private static final HostDevices DEVICES = new Devices().plain(0).build();

    private static HostPciInventory host(@Nullable HostPciInventorySpec spec) {
        HostPciInventory host = new HostPciInventory();
        host.getMetadata().setName("gpu-07");
        host.setSpec(spec);
        host.setStatus(Hosts.agentStatus(null, DeviceListMapper.toDeviceStatuses(DEVICES)));
        return host;
    }

    private static HostPciInventory host(ReportingMode reporting, @Nullable Boolean paused) {
        return host(new HostPciInventorySpec(reporting, null, paused, null, null, null, null));
    }

    private static HostSyncRequest request(HostPciInventory host, boolean nodeExists) {
        return HostSyncRequestMapper.toSyncRequest(
                host,
                nodeExists,
                DEVICES,
                List.of(),
                AllocatedDevices.NONE,
                HostRecord.Allocations.NONE,
                ReservationRecordStore.READ_ONLY);
    }

    @ParameterizedTest
    @CsvSource({
        "ENABLED, , PROVIDERS",
        "ENABLED, false, PROVIDERS",
        "ENABLED, true, NONE",
        "NOVA, , RESERVATIONS",
        "NOVA, true, NONE",
        "DISABLED, , NONE"
    })
    void writeScopeFollowsReportingAndPause(ReportingMode reporting, @Nullable Boolean paused, WriteScope scope) {
        assertThat(request(host(reporting, paused), true).writeScope()).isEqualTo(scope);
    }

    @Test
    void requestHasTheAttachments() {
        HostPciInventory host = host(ReportingMode.ENABLED, null);
        assertThat(request(host, true).attachments()).isEqualTo(HostAttachments.UNKNOWN);
        host.setStatus(
                HostPciInventoryStatus.EMPTY.withAgentFieldsFrom(Hosts.statusWithAttachments(DEVICES, List.of())));
        assertThat(request(host, true).attachments())
                .isEqualTo(new HostAttachments(HostAttachments.Knowledge.COMPLETE, List.of()));
    }

    @Test
    void hostWithoutSpecIsNotWritten() {
        HostSyncRequest request = request(host(null), true);
        assertThat(request.writeScope()).isEqualTo(WriteScope.NONE);
        assertThat(request.rootName()).isEqualTo("gpu-07");
        assertThat(request.createRoot()).isFalse();
    }

    @Test
    void missingPrerequisitesAreReported() {
        HostPciInventory host = host(ReportingMode.ENABLED, null);
        assertThat(request(host, true).missing()).isNull();
        assertThat(request(host, false).missing()).isEqualTo(Missing.NODE);
        host.setStatus(Hosts.agentStatus(null, null));
        assertThat(request(host, true).missing()).isEqualTo(Missing.DEVICE_LIST);
        host.setStatus(null);
        assertThat(request(host, true).missing()).isEqualTo(Missing.DEVICE_LIST);
        assertThat(request(host, false).missing()).isEqualTo(Missing.NODE);
    }

    @Test
    void rootProviderIsThatOfTheSpec() {
        HostSyncRequest request = request(
                host(new HostPciInventorySpec(
                        ReportingMode.ENABLED, new RootProvider("gpu-07.cloud", true), null, null, null, null, null)),
                true);
        assertThat(request.node()).isEqualTo("gpu-07");
        assertThat(request.rootName()).isEqualTo("gpu-07.cloud");
        assertThat(request.createRoot()).isTrue();
        assertThat(request.devices()).isEqualTo(DEVICES);
    }

    /** The Node may be deleted before the object. */
    @Test
    void removalNeedsNeitherNodeNorDevices() {
        HostPciInventory host = host(ReportingMode.ENABLED, null);
        host.setStatus(null);
        HostSyncRequest request =
                HostSyncRequestMapper.toRemovalRequest(host, AllocatedDevices.NONE, ReservationRecordStore.READ_ONLY);
        assertThat(request.missing()).isNull();
        assertThat(request.devices()).isEqualTo(HostDevices.NONE);
        assertThat(request.specs()).isEmpty();
        assertThat(request.writeScope()).isEqualTo(WriteScope.PROVIDERS);
    }
}
