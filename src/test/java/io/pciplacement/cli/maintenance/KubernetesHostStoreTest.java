package io.pciplacement.cli.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.error.ExitCode;
import org.junit.jupiter.api.Test;

/** Messages about writes that the API server rejects. */
class KubernetesHostStoreTest {

    private static RuntimeException describe(int code, String message) {
        return KubernetesHostStore.describeRejection(
                new KubernetesClientException(
                        message,
                        code,
                        new StatusBuilder().withCode(code).withMessage(message).build()),
                "gpu-07");
    }

    @Test
    void rejectionOfTheWebhookIsPrinted() {
        RuntimeException rejection = describe(403, "admission webhook \"w\" denied the request: it is a VF");
        assertThat(rejection).hasMessageContaining("nothing was changed").hasMessageEndingWith("it is a VF");
        assertThat(((CliException) rejection).exitCode()).isEqualTo(ExitCode.UNRESOLVED);
    }

    @Test
    void rejectionOfTheSchemaIsPrinted() {
        assertThat(describe(422, "spec.quarantine: Too many")).hasMessageEndingWith("spec.quarantine: Too many");
    }

    @Test
    void missingPermissionNamesTheRole() {
        RuntimeException rejection = describe(403, "hostpciinventories is forbidden: User \"u\" cannot patch");
        assertThat(rejection).hasMessageContaining("rbac.userRoles").hasMessageContaining("User \"u\" cannot patch");
        assertThat(((CliException) rejection).exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
    }

    @Test
    void otherFailuresAreNotChanged() {
        assertThat(describe(500, "internal")).isInstanceOf(KubernetesClientException.class);
    }
}
