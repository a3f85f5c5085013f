package io.pciplacement.operator.status;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.DeviceStatus;
import io.pciplacement.api.v1alpha1.DeviceStatus.SriovStatus;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.api.v1alpha1.MaintenanceStatus;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Size limit of a host's status. Agent and operator share one object, and etcd rejects objects larger than 1.5 MiB:
 * without a limit a host with the largest valid device list would keep outdated conditions. Data that does not fit is
 * omitted from {@code status.providers}, and a condition reports it.
 */
public final class StatusSizeLimit {

    /** Maximum size in bytes; leaves space for metadata and for a device list that grows. */
    static final int MAX_BYTES = 1_300_000;

    // Upper bounds in bytes of an element, without nested lists, according to the schema.
    private static final int MAX_ROW_BYTES = 3_500;
    private static final int MAX_DEVICE_BYTES = 1_000;
    private static final int MAX_VF_BYTES = 200;
    private static final int MAX_OTHER_BYTES = 142_000;
    private static final int MAX_RESERVATION_BYTES = 120;

    private static final JsonMapper JSON = new JsonMapper();

    private StatusSizeLimit() {}

    /** The operator's part of a host's status, reduced until it fits beside the agent's part. */
    public static HostPciInventoryStatus limitSize(HostPciInventory host, HostPciInventoryStatus status, Instant now) {
        List<DeviceStatus> devices =
                host.getStatus() == null ? null : host.getStatus().devices();
        if (maxSizeOf(devices) + maxSizeOf(status) <= MAX_BYTES) {
            return status;
        }
        int available = MAX_BYTES - serializedSize(Objects.requireNonNullElse(devices, List.of()));
        if (serializedSize(status) <= available) {
            return status;
        }
        List<ProviderStatus> rows = Objects.requireNonNullElse(status.providers(), List.of());
        return Stream.of(
                        rows.stream().map(ProviderStatus::withoutDetails).toList(),
                        rows.stream()
                                .filter(StatusSizeLimit::isRequiredState)
                                .map(ProviderStatus::withoutDetails)
                                .toList())
                .map(fewer -> withProviderRows(host, status, fewer, now))
                .filter(smaller -> serializedSize(smaller) <= available)
                .findFirst()
                .orElseGet(() -> conditionsOnly(host, status, now));
    }

    /** The status without rows: the smallest that can be written. */
    public static HostPciInventoryStatus conditionsOnly(
            HostPciInventory host, HostPciInventoryStatus status, Instant now) {
        return withProviderRows(host, status, List.of(), now);
    }

    /** Whether a write was rejected because the object would be too large. */
    public static boolean isSizeRejection(KubernetesClientException failure) {
        return failure.getCode() == HttpURLConnection.HTTP_ENTITY_TOO_LARGE
                || String.valueOf(failure.getMessage()).contains("request is too large");
    }

    /** Whether later decisions depend on the row; all others can be read from Placement again. */
    private static boolean isRequiredState(ProviderStatus row) {
        return row.deviceIdentity() != null || isPositive(row.used()) || isPositive(row.reserved());
    }

    private static boolean isPositive(@Nullable Integer amount) {
        return amount != null && amount > 0;
    }

    private static HostPciInventoryStatus withProviderRows(
            HostPciInventory host, HostPciInventoryStatus status, List<ProviderStatus> rows, Instant now) {
        ConditionsBuilder conditions = new ConditionsBuilder(
                host.getStatus() == null ? null : host.getStatus().conditions(),
                host.getMetadata().getGeneration(),
                now);
        conditions.copyDetails(status.conditions());
        int omitted = status.providers() == null ? 0 : status.providers().size() - rows.size();
        String message =
                "The device list and the providers of this host exceed the size limit of a Kubernetes object. The sync with Placement is not affected, but status.providers omits %s. Check the device list that the host's agent has published: it has more devices or longer names than real hosts have."
                        .formatted(
                                omitted == 0
                                        ? "messages and traits"
                                        : omitted + " of its rows, and messages and traits");
        conditions.setFalse(ConditionType.READY, ConditionReason.STATUS_TOO_LARGE, message);
        conditions.setTrue(ConditionType.STALLED, ConditionReason.STATUS_TOO_LARGE, message);
        return status.withProviders(rows, conditions.build());
    }

    private static int maxSizeOf(@Nullable List<DeviceStatus> devices) {
        int bytes = 0;
        for (DeviceStatus device : Objects.requireNonNullElse(devices, List.<DeviceStatus>of())) {
            SriovStatus sriov = device.sriov();
            bytes += MAX_DEVICE_BYTES
                    + (sriov == null || sriov.vfs() == null
                            ? 0
                            : MAX_VF_BYTES * sriov.vfs().size());
        }
        return bytes;
    }

    private static int maxSizeOf(HostPciInventoryStatus status) {
        int bytes = MAX_OTHER_BYTES;
        MaintenanceStatus maintenance = status.maintenance();
        if (maintenance != null && maintenance.reservations() != null) {
            bytes += MAX_RESERVATION_BYTES * maintenance.reservations().size();
        }
        for (ProviderStatus row : Objects.requireNonNullElse(status.providers(), List.<ProviderStatus>of())) {
            bytes += MAX_ROW_BYTES;
            for (String trait : Objects.requireNonNullElse(row.traits(), List.<String>of())) {
                bytes += trait.length() + 3;
            }
        }
        return bytes;
    }

    private static int serializedSize(Object value) {
        try {
            return JSON.writeValueAsBytes(value).length;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a status is always JSON", e);
        }
    }
}
