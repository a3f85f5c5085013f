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
import java.net.HttpURLConnection;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Size limit of a host's status. Agent and operator share one object, and etcd refuses one of more than 1.5 MiB:
 * without a limit a host with the largest legal device list would keep the conditions that it had before. What does not
 * fit is left out of {@code status.providers}, and a condition reports it.
 */
public final class StatusSizeLimit {

    /** Leaves room for the metadata, and for an agent's list that grows. */
    static final int LARGEST = 1_300_000;

    // More than what the schema allows for an element without the lists in it.
    private static final int MOST_OF_A_ROW = 3_500;
    private static final int MOST_OF_A_DEVICE = 700;
    private static final int MOST_OF_A_VF = 200;
    private static final int MOST_OF_THE_REST = 100_000;

    private static final JsonMapper JSON = new JsonMapper();

    private StatusSizeLimit() {}

    /** The operator's part of a host's status as it can be stored beside the agent's. */
    public static HostPciInventoryStatus apply(HostPciInventory host, HostPciInventoryStatus status, Instant now) {
        List<DeviceStatus> devices =
                host.getStatus() == null ? null : host.getStatus().devices();
        if (atMost(devices) + atMost(status) <= LARGEST) {
            return status;
        }
        int room = LARGEST - size(Objects.requireNonNullElse(devices, List.of()));
        if (size(status) <= room) {
            return status;
        }
        List<ProviderStatus> rows = Objects.requireNonNullElse(status.providers(), List.of());
        return Stream.of(
                        rows.stream().map(ProviderStatus::withoutDetails).toList(),
                        rows.stream()
                                .filter(StatusSizeLimit::isMemory)
                                .map(ProviderStatus::withoutDetails)
                                .toList())
                .map(fewer -> limited(host, status, fewer, now))
                .filter(smaller -> size(smaller) <= room)
                .findFirst()
                .orElseGet(() -> conditionsAlone(host, status, now));
    }

    /** The least that can be written of a status. */
    public static HostPciInventoryStatus conditionsAlone(
            HostPciInventory host, HostPciInventoryStatus status, Instant now) {
        return limited(host, status, List.of(), now);
    }

    /** Whether a write was refused because the object would become too large. */
    public static boolean refused(KubernetesClientException failure) {
        return failure.getCode() == HttpURLConnection.HTTP_ENTITY_TOO_LARGE
                || String.valueOf(failure.getMessage()).contains("request is too large");
    }

    /** Rows without which a later decision could be wrong; all others can be read from Placement again. */
    private static boolean isMemory(ProviderStatus row) {
        return row.deviceIdentity() != null || positive(row.used()) || positive(row.reserved());
    }

    private static boolean positive(@Nullable Integer amount) {
        return amount != null && amount > 0;
    }

    private static HostPciInventoryStatus limited(
            HostPciInventory host, HostPciInventoryStatus status, List<ProviderStatus> rows, Instant now) {
        ConditionsBuilder conditions = new ConditionsBuilder(
                host.getStatus() == null ? null : host.getStatus().conditions(),
                host.getMetadata().getGeneration(),
                now);
        conditions.addDetails(status.conditions());
        int left = status.providers() == null ? 0 : status.providers().size() - rows.size();
        String message =
                "The device list and the providers of this host are larger than one object can be. Placement is served as usual, but status.providers leaves out %s. Check the device list that the host's agent has published: its names are longer or its devices more than those of real hosts."
                        .formatted(left == 0 ? "messages and traits" : left + " of its rows, and messages and traits");
        conditions.isFalse(ConditionType.READY, ConditionReason.STATUS_TOO_LARGE, message);
        conditions.isTrue(ConditionType.STALLED, ConditionReason.STATUS_TOO_LARGE, message);
        return status.withProviders(rows, conditions.list());
    }

    private static int atMost(@Nullable List<DeviceStatus> devices) {
        int most = 0;
        for (DeviceStatus device : Objects.requireNonNullElse(devices, List.<DeviceStatus>of())) {
            SriovStatus sriov = device.sriov();
            most += MOST_OF_A_DEVICE
                    + (sriov == null || sriov.vfs() == null
                            ? 0
                            : MOST_OF_A_VF * sriov.vfs().size());
        }
        return most;
    }

    private static int atMost(HostPciInventoryStatus status) {
        int most = MOST_OF_THE_REST;
        for (ProviderStatus row : Objects.requireNonNullElse(status.providers(), List.<ProviderStatus>of())) {
            most += MOST_OF_A_ROW;
            for (String trait : Objects.requireNonNullElse(row.traits(), List.<String>of())) {
                most += trait.length() + 3;
            }
        }
        return most;
    }

    private static int size(Object value) {
        try {
            return JSON.writeValueAsBytes(value).length;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a status is always JSON", e);
        }
    }
}
