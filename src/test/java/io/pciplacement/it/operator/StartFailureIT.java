package io.pciplacement.it.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.testing.ProcessResult;
import io.pciplacement.testing.TestCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An operator that cannot start says why without a stack trace, and ends, so that the kubelet starts it again. */
class StartFailureIT {

    @TempDir
    private Path directory;

    private static String unusedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return Integer.toString(socket.getLocalPort());
        }
    }

    private ProcessResult start(String apiServerPort, Path certificate, Path key, String sweepInterval)
            throws IOException {
        Path kubeconfig = Files.writeString(directory.resolve("kubeconfig"), """
                apiVersion: v1
                kind: Config
                clusters: [{name: one, cluster: {server: "https://127.0.0.1:%s"}}]
                users: [{name: one, user: {token: one}}]
                contexts: [{name: one, context: {cluster: one, user: one}}]
                current-context: one
                """.formatted(apiServerPort));
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-jar",
                "target/quarkus-app/quarkus-run.jar");
        return ProcessResult.of(
                command,
                "",
                Map.of(
                        "KUBECONFIG",
                        kubeconfig.toString(),
                        // The client would try for twenty seconds.
                        "KUBERNETES_REQUEST_RETRY_BACKOFFLIMIT",
                        "1",
                        "PCI_SWEEP_INTERVAL",
                        sweepInterval,
                        "PCI_HTTP_HOST",
                        "127.0.0.1",
                        "PCI_HTTP_PORT",
                        unusedPort(),
                        "PCI_WEBHOOK_CERT",
                        certificate.toString(),
                        "PCI_WEBHOOK_KEY",
                        key.toString()));
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
        String port = unusedPort();
        assertFailed(
                start(port, certificate.certificate(), certificate.key(), "3s"),
                "Connection refused: /127.0.0.1:" + port);
    }

    @Test
    void missingCertificateIsNamed() throws Exception {
        Path missing = directory.resolve("tls.crt");
        assertFailed(start(unusedPort(), missing, missing, "3s"), missing.toString());
    }

    @Test
    void invalidSettingIsNamed() throws Exception {
        Path missing = directory.resolve("tls.crt");
        assertFailed(start(unusedPort(), missing, missing, "soon"), "Invalid duration: soon");
    }
}
