package io.pciplacement.it.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.testing.LoopbackPorts;
import io.pciplacement.testing.ProcessResult;
import io.pciplacement.testing.TestCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An operator that cannot start says why without a stack trace, and ends, so that the kubelet starts it again. */
class StartFailureIT {

    @TempDir
    private Path directory;

    /** Starts an operator whose API server does not run, with additional environment variables. */
    private ProcessResult start(int apiServerPort, Map<String, String> more) throws IOException {
        Path kubeconfig = Files.writeString(directory.resolve("kubeconfig"), """
                apiVersion: v1
                kind: Config
                clusters: [{name: one, cluster: {server: "https://127.0.0.1:%d"}}]
                users: [{name: one, user: {token: one}}]
                contexts: [{name: one, context: {cluster: one, user: one}}]
                current-context: one
                """.formatted(apiServerPort));
        Map<String, String> env = new HashMap<>(Map.of(
                "KUBECONFIG",
                kubeconfig.toString(),
                // The client would try for twenty seconds.
                "KUBERNETES_REQUEST_RETRY_BACKOFFLIMIT",
                "1",
                "PCI_HTTP_HOST",
                "127.0.0.1",
                "PCI_HTTP_PORT",
                Integer.toString(LoopbackPorts.findUnused())));
        env.putAll(more);
        return ProcessResult.of(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-jar",
                        "target/quarkus-app/quarkus-run.jar"),
                "",
                env);
    }

    private static void assertFailed(ProcessResult operator, String why) {
        assertThat(operator.status()).isEqualTo(1);
        assertThat(operator.all()).doesNotContain("\tat ", "Caused by");
        assertThat(operator.all().strip().lines().reduce((one, other) -> other).orElseThrow())
                .contains("ERROR", "The operator cannot start: ", why);
    }

    @Test
    void apiServerThatDoesNotRunIsNamed() throws Exception {
        TestCertificate certificate = TestCertificate.create(directory, "webhook");
        int port = LoopbackPorts.findUnused();
        assertFailed(
                start(
                        port,
                        Map.of(
                                "PCI_WEBHOOK_CERT",
                                certificate.certificate().toString(),
                                "PCI_WEBHOOK_KEY",
                                certificate.key().toString())),
                "Connection refused: /127.0.0.1:" + port);
    }

    @Test
    void missingCertificateIsNamed() throws Exception {
        String missing = directory.resolve("tls.crt").toString();
        assertFailed(
                start(LoopbackPorts.findUnused(), Map.of("PCI_WEBHOOK_CERT", missing, "PCI_WEBHOOK_KEY", missing)),
                missing);
    }

    @Test
    void invalidSettingIsNamed() throws Exception {
        assertFailed(start(LoopbackPorts.findUnused(), Map.of("PCI_SWEEP_INTERVAL", "soon")), "Invalid duration: soon");
    }

    /** The chart's default is a generated certificate, which is obtained before Quarkus starts. */
    @Test
    void invalidSettingIsNamedBeforeTheCertificateIsGenerated() throws Exception {
        assertFailed(
                start(
                        LoopbackPorts.findUnused(),
                        Map.of("PCI_SWEEP_INTERVAL", "soon", "PCI_WEBHOOK_CERTIFICATE_SECRET", "webhook")),
                "Invalid duration: soon");
    }
}
