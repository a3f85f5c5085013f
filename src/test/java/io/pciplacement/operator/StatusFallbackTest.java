package io.pciplacement.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.Identity;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderState;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.pci.DeviceType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A status for which the agent's list leaves no room. */
class StatusFallbackTest {

    private static final Instant NOW = Instant.parse("2026-01-02T00:00:00Z");

    /** As the API server and etcd say it. */
    private static final KubernetesClientException TOO_LARGE =
            new KubernetesClientException("etcdserver: request is too large", 500, null);

    private final List<HostPciInventoryStatus> stored = new ArrayList<>();
    private KubernetesClientException refusal = TOO_LARGE;
    private int room = 10;
    private int version = 1;

    private final StatusWriter statuses = new StatusWriter(null, null) {
        @Override
        <S, T extends CustomResource<?, S>> T apply(T fresh) {
            HostPciInventoryStatus status = (HostPciInventoryStatus) fresh.getStatus();
            if (status.providers().size() > room) {
                throw refusal;
            }
            stored.add(status);
            fresh.getMetadata().setResourceVersion(Integer.toString(++version));
            return fresh;
        }
    };

    private final HostPciInventory host = new HostPciInventory();

    StatusFallbackTest() {
        host.getMetadata().setName("host");
        host.getMetadata().setUid("u");
        host.getMetadata().setResourceVersion("1");
    }

    private static ProviderStatus row(int number, Identity identity, String cleaned) {
        return new ProviderStatus(
                "host_" + number,
                "uuid",
                "CLASS",
                List.of("T"),
                "spec",
                DeviceType.PCI,
                1,
                0,
                0,
                3,
                identity,
                cleaned,
                ProviderState.InSync,
                null,
                "message");
    }

    /** A hundred rows, of which six have an identity and two of these a cleaning. */
    private static HostPciInventoryStatus whole(String time) {
        Identity identity = new Identity("8086", "1533", "SN", "boot");
        List<ProviderStatus> rows = IntStream.range(0, 100)
                .mapToObj(i -> row(i, i < 6 ? identity : null, i < 2 ? "yes" : null))
                .toList();
        return new HostPciInventoryStatus(
                null,
                null,
                1L,
                "hash",
                null,
                "root",
                time,
                null,
                rows,
                List.of(),
                List.of(condition("PlacementSynced"), condition("Ready")));
    }

    private static Condition condition(String type) {
        return new ConditionBuilder()
                .withType(type)
                .withStatus("True")
                .withReason("InSync")
                .withMessage("As wanted.")
                .withLastTransitionTime("2026-01-01T00:00:00Z")
                .build();
    }

    private boolean update(String time) {
        return StatusFallback.update(statuses, host, whole(time), NOW).isPresent();
    }

    @ParameterizedTest
    @CsvSource({
        "413,Request entity too large: limit is 3145728",
        "500,etcdserver: request is too large",
        "500,rpc error: trying to send message larger than max (2201000 vs. 2097152)"
    })
    void theConditionsAreWrittenAndSaySo(int code, String message) {
        refusal = new KubernetesClientException(message, code, null);
        assertThat(update("t1")).isTrue();
        HostPciInventoryStatus cut = stored.getFirst();
        Condition ready = Conditions.find(cut.conditions(), "Ready").orElseThrow();
        assertThat(ready.getStatus()).isEqualTo("False");
        assertThat(ready.getReason()).isEqualTo("StatusTooLarge");
        assertThat(ready.getMessage()).contains("device list", "check what runs on the host");
        assertThat(Conditions.find(cut.conditions(), "PlacementSynced")).isPresent();
        assertThat(cut.observedInventoryHash()).isEqualTo("hash");
    }

    /** Else a used device would be clean again, and another card in its place would pass for it. */
    @Test
    void whatMustNotBeForgottenIsKept() {
        update("t1");
        assertThat(stored.getFirst().providers())
                .extracting(ProviderStatus::name)
                .containsExactly("host_0", "host_1", "host_2", "host_3", "host_4", "host_5");
        assertThat(stored.getFirst().providers()).allSatisfy(row -> {
            assertThat(row.identity()).isNotNull();
            assertThat(row.message()).isNull();
            assertThat(row.traits()).isNull();
        });
    }

    @Test
    void ifEvenThatDoesNotFitItIsTheCleaningAlone() {
        room = 2;
        update("t1");
        assertThat(stored.getFirst().providers())
                .extracting(ProviderStatus::cleaned)
                .containsExactly("yes", "yes");
    }

    @Test
    void nothingIsWrittenAgainWhileNothingIsNew() {
        assertThat(update("t1")).isTrue();
        host.setStatus(stored.getFirst());
        host.getMetadata().setResourceVersion("2");
        assertThat(update("t2")).isFalse();
        room = 1_000;
        assertThat(update("t3")).isTrue();
        assertThat(stored.getLast().providers()).hasSize(100);
        assertThat(stored.getLast().lastSyncTime()).isEqualTo("t3");
    }

    @Test
    void otherRefusalsAreNoMatterOfSize() {
        refusal = new KubernetesClientException("no", 503, null);
        assertThatThrownBy(() -> update("t1")).isSameAs(refusal);
    }
}
