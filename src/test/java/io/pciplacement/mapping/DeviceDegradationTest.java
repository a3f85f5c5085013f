package io.pciplacement.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.DeviceStatus;
import io.pciplacement.api.v1alpha1.DeviceStatus.HealthStatus;
import io.pciplacement.api.v1alpha1.DeviceStatus.LinkStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.MaintenanceStatus.DegradedDevice;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.Hosts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DeviceDegradationTest {

    private static final String GPU = "0000:81:00.0";

    private static HealthStatus health(@Nullable Integer width, @Nullable Long nonFatal, @Nullable Long fatal) {
        return new HealthStatus(new LinkStatus("2.5 GT/s PCIe", width, "16.0 GT/s PCIe", 16), 1024L, nonFatal, fatal);
    }

    private static DegradedDevice row(@Nullable Integer width, @Nullable Long nonFatal, @Nullable Long fatal) {
        return new DegradedDevice(GPU, width, width == null ? null : 16, nonFatal, fatal);
    }

    private static HostPciInventoryStatus status(DeviceStatus... devices) {
        return Hosts.agentStatus(null, List.of(devices));
    }

    private static DeviceStatus device(String address, @Nullable HealthStatus health) {
        return Hosts.withHealth(
                DeviceListMapper.toDeviceStatuses(Devices.host(Devices.pf(address)))
                        .getFirst(),
                health);
    }

    @Test
    void lowerSpeedAndCorrectedErrorsAreNoDegradation() {
        assertThat(DeviceDegradation.evaluate(GPU, health(16, 0L, 0L))).isEmpty();
        assertThat(DeviceDegradation.evaluate(GPU, health(null, null, null))).isEmpty();
        assertThat(DeviceDegradation.evaluate(
                        GPU, new HealthStatus(new LinkStatus(null, 8, null, null), null, null, null)))
                .as("the maximum is unknown")
                .isEmpty();
    }

    @Test
    void fewerLanesAndUncorrectedErrorsAreDegradations() {
        assertThat(DeviceDegradation.evaluate(GPU, health(8, 0L, 0L))).contains(row(8, null, null));
        assertThat(DeviceDegradation.evaluate(GPU, health(16, 1L, 0L))).contains(row(null, 1L, null));
        Optional<DegradedDevice> all = DeviceDegradation.evaluate(GPU, health(1, 64L, 2L));
        assertThat(all).contains(row(1, 64L, 2L));
        assertThat(DeviceDegradation.describe(all.orElseThrow()))
                .isEqualTo("1 of 16 lanes, at least 64 non-fatal AER errors, at least 2 fatal AER errors");
        assertThat(DeviceDegradation.kinds(all.orElseThrow())).hasSize(3);
    }

    @Test
    void onlyMoreIsWorse() {
        assertThat(DeviceDegradation.isWorse(row(8, null, null), null)).isTrue();
        assertThat(DeviceDegradation.isWorse(row(8, 2L, null), row(8, 2L, null)))
                .isFalse();
        assertThat(DeviceDegradation.isWorse(row(4, 2L, null), row(8, 2L, null)))
                .isTrue();
        assertThat(DeviceDegradation.isWorse(row(8, 4L, null), row(8, 2L, null)))
                .isTrue();
        assertThat(DeviceDegradation.isWorse(row(8, 2L, 1L), row(8, 2L, null))).isTrue();
        assertThat(DeviceDegradation.isWorse(row(8, null, null), row(4, 2L, 1L)))
                .isFalse();
        assertThat(DeviceDegradation.isWorse(row(8, 2L, null), row(null, 2L, null)))
                .isTrue();
    }

    @Test
    void noHealthAtAllIsUnknownAndNotAnEmptyList() {
        assertThat(DeviceDegradation.update(List.of(row(8, null, null)), null)).isNull();
        assertThat(DeviceDegradation.update(List.of(row(8, null, null)), status(device(GPU, null))))
                .isNull();
        assertThat(DeviceDegradation.update(null, status(device(GPU, health(16, 0L, 0L)))))
                .isEmpty();
    }

    @Test
    void rowIsKeptOnlyWhileTheHealthOfTheDeviceIsUnknown() {
        List<DegradedDevice> before = List.of(row(8, null, null));
        DeviceStatus other = device("0000:90:00.0", health(16, 0L, 0L));
        assertThat(DeviceDegradation.update(before, status(device(GPU, null), other)))
                .isEqualTo(before);
        assertThat(DeviceDegradation.update(before, status(device(GPU, health(16, 0L, 0L)), other)))
                .isEmpty();
        assertThat(DeviceDegradation.update(before, status(other)))
                .as("the device is no longer on the host")
                .isEmpty();
    }

    @Test
    void rowsAreLimited() {
        List<DeviceStatus> devices = new ArrayList<>();
        for (int i = 0; i < 33; i++) {
            devices.add(device(new PciAddress(0, 0x80 + i, 0, 0).toString(), health(8, 0L, 0L)));
        }
        List<DegradedDevice> rows = DeviceDegradation.update(null, Hosts.agentStatus(null, devices));
        assertThat(rows).hasSize(32);
        assertThat(rows.getLast().address()).isEqualTo("0000:9f:00.0");
    }

    @Test
    void describesUnknownValues() {
        assertThat(DeviceDegradation.describe(health(8, 1L, null)))
                .isEqualTo(
                        "link 2.5 GT/s PCIe x8 of at most 16.0 GT/s PCIe x16, AER errors: at least 1024 correctable, 1 non-fatal, unknown fatal");
    }
}
