package io.pciplacement.it.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The download of etcd, kube-apiserver and kubectl with the real setup-envtest, from a server on this machine. */
class KubernetesDownloadIT {

    private static final String NO_DOWNLOAD = "no download";

    @TempDir
    Path dir;

    private Path cache;
    private HttpServer server;
    private String minor;
    private String archive;

    @BeforeEach
    void startServer() throws IOException, InterruptedException {
        Path setupEnvtest = Path.of(bash("ensure_setup_envtest >&2; module_dir envtest", Map.of()));
        cache = Files.createDirectory(dir.resolve("cache"));
        Files.createSymbolicLink(cache.resolve(setupEnvtest.getFileName()), setupEnvtest);
        minor = bash("pinned_minor kubernetes", Map.of());
        String platform = bash("go env GOOS GOARCH | paste -sd-", Map.of());
        archive = "envtest-v%s.0-%s.tar.gz".formatted(minor, platform);
        Path programs = Files.createDirectories(dir.resolve("controller-tools/envtest"));
        for (Map.Entry<String, String> program : Map.of(
                        "etcd", "etcd Version: " + bash("pinned_minor etcd", Map.of()) + ".0",
                        "kube-apiserver", "Kubernetes v" + minor + ".0",
                        "kubectl", "Client Version: v" + minor + ".0")
                .entrySet()) {
            Path file = programs.resolve(program.getKey());
            Files.writeString(file, "#!/bin/sh\necho '" + program.getValue() + "'\n");
            assertThat(file.toFile().setExecutable(true)).isTrue();
        }
        Process tar = new ProcessBuilder(
                        "tar",
                        "-C",
                        dir.toString(),
                        "-czf",
                        dir.resolve(archive).toString(),
                        "controller-tools")
                .inheritIO()
                .start();
        assertThat(tar.waitFor()).isZero();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = Files.readAllBytes(
                    dir.resolve(exchange.getRequestURI().getPath().substring(1)));
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stopServer() {
        server.stop(0);
    }

    private String url(String file) {
        return "http://127.0.0.1:%d/%s".formatted(server.getAddress().getPort(), file);
    }

    private void writeIndex(String version, String hash) throws IOException {
        Files.writeString(
                dir.resolve("index.yaml"), """
                releases:
                  v%s.0:
                    %s:
                      hash: "%s"
                      selfLink: %s
                """.formatted(version, archive.replace(minor, version), hash, url(archive)));
    }

    private String hashOfArchive() throws IOException, NoSuchAlgorithmException {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-512").digest(Files.readAllBytes(dir.resolve(archive))));
    }

    private static String bash(String script, Map<String, String> environment)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                        "bash",
                        "-c",
                        "set -euo pipefail; source hack/lib/core/common.sh; use toolchain/kubernetes_programs; "
                                + script)
                .redirectErrorStream(!environment.isEmpty());
        builder.environment().remove("KUBEBUILDER_ASSETS");
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output.strip();
    }

    /** Returns the output, which ends with the programs, or with NO_DOWNLOAD. */
    private String download(String index) throws IOException, InterruptedException {
        return bash(
                "if download_kubernetes; then find_kubernetes; echo \"$etcd $apiserver $kubectl\"; else echo '"
                        + NO_DOWNLOAD + "'; fi",
                Map.of(
                        "PCI_CACHE",
                        cache.toString(),
                        "PCI_LOCAL_DOWNLOAD_INDEX",
                        index,
                        "PCI_LOCAL_DOWNLOAD_TIMEOUT",
                        "5"));
    }

    @Test
    void downloadedProgramsAreUsed() throws IOException, InterruptedException, NoSuchAlgorithmException {
        writeIndex(minor, hashOfArchive());
        assertThat(download(url("index.yaml")))
                .matches("(?s).*downloading etcd, kube-apiserver and kubectl.*\n"
                        + "%1$s/etcd %1$s/kube-apiserver %1$s/kubectl"
                                .formatted(cache + "/envtest/k8s/" + minor + "\\.0-[a-z0-9-]+"));
    }

    @Test
    void archiveWithWrongChecksumIsRejected() throws IOException, InterruptedException {
        writeIndex(minor, "0".repeat(128));
        assertThat(download(url("index.yaml"))).contains("checksum mismatch").endsWith(NO_DOWNLOAD);
        assertThat(cache.resolve("envtest").toFile().listFiles((_, name) -> name.contains(minor)))
                .isNullOrEmpty();
    }

    @Test
    void indexWithoutTheVersionIsReported() throws IOException, InterruptedException, NoSuchAlgorithmException {
        writeIndex("1.20", hashOfArchive());
        assertThat(download(url("index.yaml")))
                .contains("has no version " + minor + ".x")
                .endsWith(NO_DOWNLOAD);
    }

    @Test
    void unreachableIndexIsReported() throws IOException, InterruptedException {
        String index = url("index.yaml");
        server.stop(0);
        assertThat(download(index))
                .contains("index of setup-envtest is not reachable")
                .endsWith(NO_DOWNLOAD);
    }

    @Test
    void indexWithoutResponseIsGivenUp() throws IOException, InterruptedException {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(download("http://127.0.0.1:%d/index.yaml".formatted(silent.getLocalPort())))
                    .contains("index of setup-envtest is not reachable")
                    .endsWith(NO_DOWNLOAD);
        }
    }
}
