package io.pciplacement.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.MaintenanceStatus;
import io.pciplacement.api.v1alpha1.MaintenanceStatus.DegradedDevice;
import io.pciplacement.sync.host.HostSyncResult;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Events about degraded devices: one per change. */
class EventRecorderTest {

    private static final DegradedDevice NARROW = new DegradedDevice("0000:81:00.0", 8, 16, null, null);
    private static final DegradedDevice NARROW_WITH_ERRORS = new DegradedDevice("0000:81:00.0", 8, 16, null, 2L);

    private final List<String> events = new ArrayList<>();
    private final HostPciInventory host = new HostPciInventory();
    private final EventRecorder recorder = new EventRecorder(null, null, Clock.systemUTC()) {
        @Override
        public void publishEvent(HasMetadata regarding, String type, String reason, String note) {
            events.add("%s %s %s".formatted(type, reason, note));
        }
    };

    private static HostPciInventoryStatus status(@Nullable List<DegradedDevice> degraded) {
        return HostPciInventoryStatus.EMPTY.withMaintenance(
                degraded == null ? null : new MaintenanceStatus(null, null, null, degraded));
    }

    private List<String> record(@Nullable List<DegradedDevice> before, @Nullable List<DegradedDevice> now) {
        host.getMetadata().setName("gpu-07");
        host.setStatus(status(before));
        events.clear();
        recorder.recordHostChanges(host, status(now), new HostSyncResult.Deferred());
        return List.copyOf(events);
    }

    @Test
    void recordsWhatBecomesWorseOnce() {
        assertThat(record(List.of(), List.of(NARROW)))
                .containsExactly(
                        "Warning DeviceDegraded 0000:81:00.0 is degraded: 8 of 16 lanes. Nothing is changed automatically; to take it out of service: pci quarantine gpu-07 0000:81:00.0 --reason TEXT");
        assertThat(record(List.of(NARROW), List.of(NARROW))).isEmpty();
        assertThat(record(List.of(NARROW), List.of(NARROW_WITH_ERRORS)))
                .singleElement()
                .asString()
                .contains("at least 2 fatal AER errors");
        assertThat(record(List.of(NARROW_WITH_ERRORS), List.of(NARROW))).isEmpty();
    }

    @Test
    void recordsRecovery() {
        assertThat(record(List.of(NARROW), List.of()))
                .containsExactly(
                        "Normal DeviceHealthRestored 0000:81:00.0 is no longer degraded, or no longer on this host.");
    }

    @Test
    void recordsNothingForTheFirstHealthOfAHostOrWithoutHealth() {
        assertThat(record(null, List.of(NARROW))).isEmpty();
        assertThat(record(List.of(NARROW), null)).isEmpty();
    }
}
