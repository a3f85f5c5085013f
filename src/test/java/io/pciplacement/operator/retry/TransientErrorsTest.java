package io.pciplacement.operator.retry;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.OperatorException;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.operator.leader.NotLeadingException;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.sync.reservation.ReservationRecordStore;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransientErrorsTest {

    private static ErrorStatusUpdateControl<PciDeviceSpec> handleFailure(Exception exception) {
        PciDeviceSpec spec = new PciDeviceSpec();
        spec.getMetadata().setName("gpus");
        return TransientErrors.handleFailure(spec, exception);
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 503, 504})
    void retriesTransientApiServerErrorsWithoutStatusUpdate(int status) {
        var control = handleFailure(new KubernetesClientException("not now", status, null));
        assertThat(control.isNoRetry()).isTrue();
        assertThat(control.getResource()).isEmpty();
        assertThat(control.getScheduleDelay().orElseThrow()).isBetween(5_000L, 15_000L);
    }

    @Test
    void treatsMissingResponseAsTransient() {
        assertThat(handleFailure(new KubernetesClientException("unreachable", new IOException("rejected")))
                        .isNoRetry())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 404, 409, 422})
    void reportsRejectionsByTheApiServer(int status) {
        assertThat(handleFailure(new KubernetesClientException("rejected", status, null))
                        .isDefaultErrorProcessing())
                .isTrue();
    }

    /** java-operator-sdk wraps exceptions. */
    @Test
    void unwrapsCausesOfOperatorExceptions() {
        NotLeadingException notLeading = new NotLeadingException();
        assertThat(handleFailure(new OperatorException(notLeading)).isNoRetry()).isTrue();
        assertThat(handleFailure(new OperatorException(new PlacementException.WriteBlocked("blocked", notLeading)))
                        .isNoRetry())
                .isTrue();
        assertThat(handleFailure(new OperatorException(new PlacementException.Unreachable("no response")))
                        .isNoRetry())
                .isTrue();
        assertThat(handleFailure(new OperatorException(new ReservationRecordStore.NotPersistedException()))
                        .isNoRetry())
                .isTrue();
        assertThat(handleFailure(new OperatorException(new IllegalStateException("a defect")))
                        .isDefaultErrorProcessing())
                .isTrue();
    }

    @Test
    void reportsUnexpectedExceptions() {
        assertThat(handleFailure(new IllegalStateException("a defect")).isDefaultErrorProcessing())
                .isTrue();
    }
}
