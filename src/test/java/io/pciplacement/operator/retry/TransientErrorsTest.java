package io.pciplacement.operator.retry;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.OperatorException;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.placement.PlacementException;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransientErrorsTest {

    private static ErrorStatusUpdateControl<PciDeviceSpec> judge(Exception exception) {
        PciDeviceSpec spec = new PciDeviceSpec();
        spec.getMetadata().setName("gpus");
        return TransientErrors.judge(spec, exception);
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 503, 504})
    void whatPassesIsTriedAgainSoonWithoutANoise(int status) {
        var control = judge(new KubernetesClientException("not now", status, null));
        assertThat(control.isNoRetry()).isTrue();
        assertThat(control.getResource()).isEmpty();
        assertThat(control.getScheduleDelay().orElseThrow()).isBetween(5_000L, 15_000L);
    }

    @Test
    void noAnswerAtAllPassesToo() {
        assertThat(judge(new KubernetesClientException("away", new IOException("refused")))
                        .isNoRetry())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 404, 409, 422})
    void whatTheApiServerRefusesIsTold(int status) {
        assertThat(judge(new KubernetesClientException("refused", status, null)).isDefaultErrorProcessing())
                .isTrue();
    }

    /** As java-operator-sdk hands them on. */
    @Test
    void whatIsWrappedIsSeen() {
        assertThat(judge(new OperatorException(new PlacementException.Unreachable("does not lead")))
                        .isNoRetry())
                .isTrue();
        assertThat(judge(new OperatorException(new IllegalStateException("a defect")))
                        .isDefaultErrorProcessing())
                .isTrue();
    }

    @Test
    void aDefectIsTold() {
        assertThat(judge(new IllegalStateException("a defect")).isDefaultErrorProcessing())
                .isTrue();
    }
}
