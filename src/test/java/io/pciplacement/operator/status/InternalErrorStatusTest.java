package io.pciplacement.operator.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.OperatorException;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.pciplacement.api.v1alpha1.Conditions;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationStatus;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.api.v1alpha1.PciDeviceSpecStatus;
import io.pciplacement.operator.leader.NotLeadingException;
import io.pciplacement.operator.reconciliation.ReconciliationFailedException;
import io.pciplacement.placement.PlacementException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Status after a failed reconciliation. */
class InternalErrorStatusTest {

    private static final Instant NOW = Instant.parse("2026-01-02T00:00:00Z");
    private static final List<Condition> PREVIOUS = List.of(
            condition("PlacementSynced", "True", "InSync"),
            condition("Stalled", "True", "Forbidden"),
            condition("Ready", "True", "InSync"));

    private final List<CustomResource<?, ?>> written = new ArrayList<>();
    private final StatusPatcher statusPatcher = new StatusPatcher(null, null) {
        @Override
        protected <S, T extends CustomResource<?, S>> T applyStatus(T fresh) {
            written.add(fresh);
            fresh.getMetadata().setResourceVersion("2");
            return fresh;
        }
    };

    private static Condition condition(String type, String status, String reason) {
        return new ConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withMessage("As it was.")
                .withLastTransitionTime("2026-01-01T00:00:00Z")
                .build();
    }

    private static <T extends HasMetadata> T named(T object) {
        object.getMetadata().setName("it");
        object.getMetadata().setUid("u-" + object.getKind());
        object.getMetadata().setResourceVersion("1");
        return object;
    }

    private static HostPciInventory host() {
        HostPciInventory host = named(new HostPciInventory());
        host.setStatus(new HostPciInventoryStatus(
                null, null, null, 1L, "hash", null, "root", null, null, List.of(), List.of(), null, null, null, null,
                PREVIOUS));
        return host;
    }

    private <T extends HasMetadata> boolean isRetriedWithBackoff(T object, Exception exception) {
        return InternalErrorStatus.reportFailure(object, exception, statusPatcher, NOW)
                .isDefaultErrorProcessing();
    }

    private static void assertInternalError(List<Condition> conditions) {
        Condition ready = Conditions.find(conditions, "Ready").orElseThrow();
        assertThat(ready.getStatus()).isEqualTo("False");
        assertThat(ready.getReason()).isEqualTo("InternalError");
        assertThat(ready.getMessage()).contains("StackOverflowError", "retried", "Revert the last change");
        assertThat(ready.getLastTransitionTime()).isEqualTo("2026-01-02T00:00:00Z");
        assertThat(Conditions.find(conditions, "Stalled")).isEmpty();
    }

    @Test
    void writesInternalErrorForEveryKind() {
        Exception failure = new ReconciliationFailedException("it", new StackOverflowError());
        PciDeviceSpec spec = named(new PciDeviceSpec());
        spec.setStatus(new PciDeviceSpecStatus(1L, "CLASS", null, null, null, PREVIOUS));
        assertThat(isRetriedWithBackoff(host(), failure)).isTrue();
        assertThat(isRetriedWithBackoff(spec, failure)).isTrue();
        assertThat(isRetriedWithBackoff(named(new PciAllocation()), failure)).isTrue();
        assertThat(written).hasSize(3);
        HostPciInventoryStatus host = ((HostPciInventory) written.get(0)).getStatus();
        assertInternalError(host.conditions());
        assertThat(host.rootProviderUuid()).isEqualTo("root");
        assertThat(Conditions.find(host.conditions(), "PlacementSynced")).isPresent();
        PciDeviceSpecStatus ofSpec = ((PciDeviceSpec) written.get(1)).getStatus();
        assertInternalError(ofSpec.conditions());
        assertThat(ofSpec.resourceClass()).isEqualTo("CLASS");
        PciAllocationStatus ofAllocation = ((PciAllocation) written.get(2)).getStatus();
        assertInternalError(ofAllocation.conditions());
    }

    @Test
    void doesNotRewriteUnchangedStatus() {
        HostPciInventory host = host();
        for (int attempt = 0; attempt < 3; attempt++) {
            assertThat(isRetriedWithBackoff(host, new ReconciliationFailedException("it", new StackOverflowError())))
                    .isTrue();
        }
        assertThat(written).hasSize(1);
    }

    @Test
    void messageIsOneLine() {
        isRetriedWithBackoff(host(), new IllegalStateException("two\nlines\u001b[2J"));
        HostPciInventoryStatus status = ((HostPciInventory) written.getFirst()).getStatus();
        assertThat(Conditions.find(status.conditions(), "Ready").orElseThrow().getMessage())
                .contains("two lines")
                .doesNotContain("\n", "\u001b");
    }

    @Test
    void ignoresTransientFailuresAndApiServerRejections() {
        assertThat(isRetriedWithBackoff(host(), new PlacementException.Unreachable("away")))
                .isFalse();
        assertThat(isRetriedWithBackoff(host(), new KubernetesClientException("conflict", 409, null)))
                .isTrue();
        assertThat(written).isEmpty();
    }

    private DeleteControl cleanUp(RuntimeException failure) {
        HostPciInventory host = host();
        return InternalErrorStatus.guardCleanup(
                () -> {
                    throw failure;
                },
                e -> InternalErrorStatus.reportFailure(host, e, statusPatcher, NOW));
    }

    @Test
    void retriesCleanupAfterTransientFailure() {
        for (RuntimeException failure : List.of(
                new NotLeadingException(), new OperatorException(new KubernetesClientException("no response")))) {
            DeleteControl control = cleanUp(failure);
            assertThat(control.isRemoveFinalizer()).isFalse();
            assertThat(control.getScheduleDelay().orElseThrow()).isBetween(5_000L, 15_000L);
        }
        assertThat(written).isEmpty();
    }

    @Test
    void reportsOtherFailuresOfCleanup() {
        IllegalStateException failure = new IllegalStateException("bug");
        assertThatThrownBy(() -> cleanUp(failure)).isSameAs(failure);
        HostPciInventory host = (HostPciInventory) written.getFirst();
        Condition ready =
                Conditions.find(host.getStatus().conditions(), "Ready").orElseThrow();
        assertThat(ready.getReason()).isEqualTo("InternalError");
        assertThat(ready.getMessage()).contains("IllegalStateException: bug");
    }
}
