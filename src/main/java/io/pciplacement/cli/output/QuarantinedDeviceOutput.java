package io.pciplacement.cli.output;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec.QuarantineEntry;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.DeviceIdentityStatus;
import io.pciplacement.api.v1alpha1.MaintenanceStatus.QuarantineState;
import io.pciplacement.api.v1alpha1.MaintenanceStatus.QuarantinedDevice;
import io.pciplacement.mapping.HostStatusReader;
import io.pciplacement.mapping.ReservationMapper;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * JSON and YAML output for an entry of {@code spec.quarantine} of a host.
 *
 * @param state state of the device; null if the operator has not recorded it yet
 * @param since when the operator first saw the entry; null if it has not yet
 * @param card the card at the address when it was quarantined; null if unknown
 * @param replacedBy another card that is at the address now; null if there is none
 */
public record QuarantinedDeviceOutput(
        String address,
        String reason,
        @Nullable QuarantineState state,
        @Nullable String since,
        @Nullable String card,
        @Nullable String replacedBy) {

    /** The entries of a host in the order of the spec. */
    public static List<QuarantinedDeviceOutput> listOf(HostPciInventory host) {
        if (host.getSpec() == null || host.getSpec().quarantine() == null) {
            return List.of();
        }
        Map<String, QuarantinedDevice> byAddress = ReservationMapper.quarantinedDevices(host.getStatus()).stream()
                .collect(Collectors.toMap(QuarantinedDevice::address, Function.identity(), (one, other) -> one));
        return host.getSpec().quarantine().stream()
                .map(entry -> combine(entry, byAddress.get(entry.address())))
                .toList();
    }

    private static QuarantinedDeviceOutput combine(QuarantineEntry entry, @Nullable QuarantinedDevice recorded) {
        return recorded == null
                ? new QuarantinedDeviceOutput(entry.address(), entry.reason(), null, null, null, null)
                : new QuarantinedDeviceOutput(
                        entry.address(),
                        entry.reason(),
                        recorded.state(),
                        recorded.since(),
                        describeCard(recorded.deviceIdentity()),
                        describeCard(recorded.replacedBy()));
    }

    private static @Nullable String describeCard(@Nullable DeviceIdentityStatus card) {
        return card == null ? null : Objects.toString(HostStatusReader.toDeviceIdentity(card), null);
    }

    /** Describes the entry in one line, without its address. */
    public String describe() {
        return "%s (%s%s)%s"
                .formatted(
                        reason,
                        state == null ? "not processed yet" : state.value(),
                        since == null ? "" : " since " + since,
                        replacedBy == null ? "" : ", card %s has been replaced by card %s".formatted(card, replacedBy));
    }
}
