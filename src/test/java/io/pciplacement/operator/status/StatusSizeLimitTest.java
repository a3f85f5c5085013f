package io.pciplacement.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.api.v1alpha1.Conditions;
import io.pciplacement.api.v1alpha1.DeviceStatus;
import io.pciplacement.api.v1alpha1.DeviceStatus.SriovStatus;
import io.pciplacement.api.v1alpha1.DeviceStatus.VfStatus;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderState;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.testing.Hosts;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Size limits of statuses that contain device lists of any valid size. */
class StatusSizeLimitTest {

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    @Test
    void keepsStatusThatFits() {
        HostPciInventoryStatus status = status(rows(1024, 0));
        assertThat(StatusSizeLimit.limitSize(host(64), status, NOW)).isSameAs(status);
    }

    @Test
    void omitsDetailsFirst() {
        HostPciInventoryStatus limited = StatusSizeLimit.limitSize(host(700), status(rows(1024, 8)), NOW);

        assertFits(700, limited);
        assertThat(limited.providers())
                .hasSize(1024)
                .allSatisfy(row -> assertThat(row.message()).isNull())
                .allSatisfy(row -> assertThat(row.name()).isNotEmpty());
        assertThat(condition(limited, "Ready").getReason()).isEqualTo(ConditionReason.STATUS_TOO_LARGE.value());
        assertThat(condition(limited, "Ready").getMessage()).contains("messages and traits");
        assertThat(condition(limited, "InventoryFresh").getReason()).isEqualTo("AgentReporting");
    }

    @Test
    void omitsRowsWithoutRequiredStateSecond() {
        HostPciInventoryStatus limited = StatusSizeLimit.limitSize(host(1100), status(rows(1024, 8)), NOW);

        assertFits(1100, limited);
        assertThat(limited.providers())
                .hasSize(8)
                .allSatisfy(row -> assertThat(row.deviceIdentity()).isNotNull());
        assertThat(condition(limited, "Ready").getMessage()).contains("1016 of its rows");
    }

    @Test
    void omitsAllRowsLast() {
        HostPciInventoryStatus limited = StatusSizeLimit.limitSize(host(1400), status(rows(1024, 1024)), NOW);

        assertThat(limited.providers()).isEmpty();
        assertThat(condition(limited, "Ready").getStatus()).isEqualTo("False");
        assertThat(condition(limited, "Stalled").getStatus()).isEqualTo("True");
    }

    @Test
    void accountsForLongTraits() {
        List<String> traits = Collections.nCopies(32, "T".repeat(255));
        HostPciInventoryStatus limited = StatusSizeLimit.limitSize(host(0), status(rows(200, 0, traits)), NOW);

        assertFits(0, limited);
        assertThat(limited.providers()).hasSize(200);
    }

    private static void assertFits(int kilobytes, HostPciInventoryStatus status) {
        assertThat(size(status)
                        + size(Objects.requireNonNull(
                                host(kilobytes).getStatus().devices())))
                .isLessThanOrEqualTo(StatusSizeLimit.MAX_BYTES);
    }

    private static int size(Object value) {
        try {
            return new JsonMapper().writeValueAsBytes(value).length;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Condition condition(HostPciInventoryStatus status, String type) {
        return Conditions.find(status.conditions(), type).orElseThrow();
    }

    /** @param kilobytes about how long the device list is as JSON */
    private static HostPciInventory host(int kilobytes) {
        List<VfStatus> vfs = IntStream.range(0, 10)
                .mapToObj(i -> new VfStatus("0000:00:00.0", i, "x".repeat(44)))
                .toList();
        List<DeviceStatus> devices = IntStream.range(0, kilobytes)
                .mapToObj(i -> new DeviceStatus(
                        "0000:00:00.0",
                        DeviceType.PF,
                        "8086",
                        "1528",
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        new SriovStatus(10, 10, "1515", null, vfs),
                        null))
                .toList();
        HostPciInventory host = new HostPciInventory();
        host.setMetadata(new ObjectMetaBuilder().withName("host").build());
        host.setStatus(status(null).withAgentFieldsFrom(Hosts.agentStatus(null, devices)));
        return host;
    }

    private static HostPciInventoryStatus status(@Nullable List<ProviderStatus> rows) {
        Condition fresh = new ConditionBuilder()
                .withType("InventoryFresh")
                .withStatus("True")
                .withReason("AgentReporting")
                .withMessage("The agent reports.")
                .build();
        return new HostPciInventoryStatus(
                null,
                null,
                null,
                1L,
                "h",
                null,
                null,
                null,
                null,
                rows,
                List.of(),
                null,
                null,
                null,
                null,
                List.of(fresh));
    }

    private static List<ProviderStatus> rows(int count, int used) {
        return rows(count, used, List.of("CUSTOM_ONE", "CUSTOM_ANOTHER"));
    }

    private static List<ProviderStatus> rows(int count, int used, List<String> traits) {
        return IntStream.range(0, count)
                .mapToObj(i -> new ProviderStatus(
                        "host_0000:00:00." + i,
                        "6f2c2c1e-0000-4000-8000-00000000abcd",
                        "CUSTOM_PCI_8086_1528",
                        traits,
                        "a-device-spec",
                        DeviceType.PF,
                        1,
                        0,
                        i < used ? 1 : 0,
                        7,
                        null,
                        i < used ? new HostPciInventoryStatus.DeviceIdentityStatus("8086", "1528", "SN", "boot") : null,
                        ProviderState.IN_SYNC,
                        null,
                        "m".repeat(400)))
                .toList();
    }
}
