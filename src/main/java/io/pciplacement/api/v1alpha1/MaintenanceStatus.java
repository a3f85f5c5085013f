package io.pciplacement.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.DeviceIdentityStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Devices of a host that are withheld from consumers or degraded.
 *
 * @param quarantinedDevices state of each entry of {@code spec.quarantine}; null for none
 * @param drain what is left on a host with {@code spec.drain}; null without it
 * @param reservations units that the operator has reserved in addition to an administrator's; null for none
 * @param degradedDevices devices whose link or error counters indicate a fault; null if no health is reported
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record MaintenanceStatus(
        @Nullable List<QuarantinedDevice> quarantinedDevices,
        @Nullable DrainStatus drain,
        @Nullable List<ReservationStatus> reservations,
        @Nullable List<DegradedDevice> degradedDevices) {

    /**
     * Device whose link or error counters indicate a fault.
     *
     * @param linkWidth number of lanes if it is below the maximum, otherwise null
     * @param maxLinkWidth the maximum number of lanes if linkWidth is not null
     * @param nonFatalErrors at least as many errors; null for none
     * @param fatalErrors at least as many errors; null for none
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record DegradedDevice(
            String address,
            @Nullable Integer linkWidth,
            @Nullable Integer maxLinkWidth,
            @Nullable Long nonFatalErrors,
            @Nullable Long fatalErrors) {}

    /** Status of a host that withholds nothing. */
    public static final MaintenanceStatus EMPTY = new MaintenanceStatus(null, null, null, null);

    /** A copy with another record of reservations. */
    public MaintenanceStatus withReservations(@Nullable List<ReservationStatus> newReservations) {
        return new MaintenanceStatus(quarantinedDevices, drain, newReservations, degradedDevices);
    }

    /**
     * Quarantined device.
     *
     * @param since when the operator first saw the entry
     * @param deviceIdentity the card at the address when it was quarantined; null if there was none
     * @param replacedBy another card that is at the address now; null if there is none
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record QuarantinedDevice(
            String address,
            String since,
            QuarantineState state,
            @Nullable DeviceIdentityStatus deviceIdentity,
            @Nullable DeviceIdentityStatus replacedBy) {}

    /** State of a quarantined device. */
    public enum QuarantineState {
        /** Reserved in Placement, and not allocated. */
        RESERVED("Reserved"),
        /** Still allocated; reserved once its consumer has released it. */
        IN_USE("InUse"),
        /** Not reserved yet: nothing is written for the host at present. */
        PENDING("Pending"),
        /** Not in Placement: no spec selects it. */
        UNTRACKED("Untracked"),
        /** No device is at the address. */
        ABSENT("Absent");

        private final String value;

        QuarantineState(String value) {
            this.value = value;
        }

        /** The literal of the API. */
        @JsonValue
        public String value() {
            return value;
        }
    }

    /**
     * What is left on a host that is drained.
     *
     * @param consumers number of consumers that have devices of the host
     * @param remaining the first of them; null if there are none, because empty lists are not written
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record DrainStatus(int consumers, @Nullable List<RemainingConsumer> remaining) {}

    /** Consumer of devices of a host that is drained. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record RemainingConsumer(
            String consumerUuid, @Nullable String serverName) {}

    /**
     * Units of one provider that the operator has reserved.
     *
     * @param address the address in the name of the provider
     * @param administrator units that an administrator had reserved
     * @param units units that the operator has reserved in addition, or is about to
     * @param previousUnits units before a change that may not be written yet; null if it was written
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ReservationStatus(
            String address,
            int administrator,
            int units,
            @Nullable Integer previousUnits) {}
}
