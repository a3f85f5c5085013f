package io.pciplacement;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests which etcd, kube-apiserver and kubectl hack/ uses, with programs that only print a version. */
class KubernetesProgramsTest {

    private static final String FIND = "find_kubernetes && echo \"$etcd $apiserver $kubectl\"";

    @TempDir
    Path root;

    private Path path;
    private Path assets;

    @BeforeEach
    void createPrograms() throws IOException {
        for (String library : List.of(
                "core/common.sh",
                "toolchain/build.sh",
                "toolchain/kubernetes_programs.sh",
                "toolchain/parts.sh",
                "toolchain/prerequisites.sh",
                "toolchain/toolchain.sh")) {
            Path copy = root.resolve("hack/lib").resolve(library);
            Files.createDirectories(copy.getParent());
            Files.copy(Path.of("hack/lib", library), copy);
        }
        writeFile("hack/tools/kubernetes/go.mod", "require (\n\tk8s.io/kubernetes v1.36.3 // indirect\n)\n");
        writeFile("hack/tools/etcd/go.mod", "require (\n\tgo.etcd.io/etcd/server/v3 v3.6.6 // indirect\n)\n");
        writeFile("hack/tools/chart/go.mod", "require helm.sh/helm/v4 v4.3.1\n");
        writeFile("hack/tools/python/placement.txt", "");
        path = Files.createDirectory(root.resolve("path"));
        assets = Files.createDirectory(root.resolve("assets"));
    }

    private void writeFile(String name, String content) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private static void writeProgram(Path directory, String name, String output) throws IOException {
        Path file = directory.resolve(name);
        Files.writeString(file, "#!/bin/sh\necho '" + output + "'\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private static void writeSuitablePrograms(Path directory) throws IOException {
        writeProgram(directory, "etcd", "etcd Version: 3.6.9");
        writeProgram(directory, "kube-apiserver", "Kubernetes v1.36.0");
        writeProgram(directory, "kubectl", "Client Version: v1.35.1\nKustomize Version: v5.5.0");
    }

    private String run(String script, Map<String, String> environment) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                        "bash",
                        "-c",
                        "set -euo pipefail; source \"$0/hack/lib/core/common.sh\"; use toolchain/parts; { " + script
                                + "; } || echo failed",
                        root.toString())
                .redirectErrorStream(true);
        builder.environment().remove("KUBEBUILDER_ASSETS");
        builder.environment().put("PCI_CACHE", root.resolve("cache").toString());
        builder.environment().put("PATH", path + ":/usr/bin:/bin");
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output.strip();
    }

    private static String allIn(Path directory) {
        return "%1$s/etcd %1$s/kube-apiserver %1$s/kubectl".formatted(directory);
    }

    @Test
    void suitableProgramsOnPathAreUsed() throws IOException, InterruptedException {
        writeSuitablePrograms(path);
        assertThat(run(FIND, Map.of())).isEqualTo(allIn(path));
    }

    @ParameterizedTest
    @CsvSource({
        "etcd, etcd Version: 3.5.9",
        "etcd, etcd Version: 4.6.0",
        "etcd, another program",
        "kube-apiserver, Kubernetes v1.35.9",
        "kube-apiserver, Kubernetes v1.37.0",
        "kubectl, Client Version: v1.34.0",
        "kubectl, Client Version: v1.38.0",
    })
    void unsuitableProgramsOnPathAreNotUsed(String name, String output) throws IOException, InterruptedException {
        writeSuitablePrograms(path);
        writeProgram(path, name, output);
        assertThat(run(FIND, Map.of())).isEqualTo("failed");
        assertThat(run("find_program program " + name + " || echo \"none: $program\"", Map.of()))
                .isEqualTo("none:");
    }

    @Test
    void kubebuilderAssetsAreUsedFirst() throws IOException, InterruptedException {
        writeSuitablePrograms(path);
        writeSuitablePrograms(assets);
        assertThat(run(FIND, Map.of("KUBEBUILDER_ASSETS", assets.toString()))).isEqualTo(allIn(assets));
    }

    @Test
    void unsuitableKubebuilderAssetsAreReported() throws IOException, InterruptedException {
        writeSuitablePrograms(path);
        writeProgram(assets, "etcd", "etcd Version: 3.6.0");
        writeProgram(assets, "kube-apiserver", "Kubernetes v1.30.1");
        assertThat(run(FIND, Map.of("KUBEBUILDER_ASSETS", assets.toString())))
                .contains("kube-apiserver is version 1.30.1, required is version 1.36")
                .contains("kubectl is missing, required is version 1.36, or one minor version away")
                .endsWith("%1$s/etcd %2$s/kube-apiserver %2$s/kubectl".formatted(assets, path));
    }

    @Test
    void builtProgramsPrecedeThoseOnPath() throws IOException, InterruptedException {
        writeSuitablePrograms(path);
        Path built = Path.of(run("module_dir kubernetes", Map.of()));
        assertThat(built.getFileName().toString()).startsWith("kubernetes-v1.36.3-");
        Files.createDirectories(built);
        writeProgram(built, "kubectl", "");
        assertThat(run(FIND, Map.of())).endsWith(" " + built.resolve("kubectl"));
    }

    @Test
    void downloadedProgramsOfAnotherMinorVersionAreNotUsed() throws IOException, InterruptedException {
        for (String version : List.of("1.35.2", "1.36.1")) {
            writeSuitablePrograms(
                    Files.createDirectories(root.resolve("cache/envtest/k8s/" + version + "-linux-amd64")));
        }
        assertThat(run(FIND, Map.of())).isEqualTo(allIn(root.resolve("cache/envtest/k8s/1.36.1-linux-amd64")));
    }

    @Test
    void firstRunShowsMissingComponentsWithTheirTime() throws IOException, InterruptedException {
        writeSuitablePrograms(path);
        assertThat(run("announce_parts etcd kube-apiserver kubectl render-chart placement", Map.of()))
                .isEqualTo("installing 2 components (only once), about 2 minutes on two cores: render-chart placement");
        assertThat(run(
                        "announce_parts etcd render-chart placement; part_number placement; part_number kubectl",
                        Map.of()))
                .endsWith("\n[2/2]");
        writeProgram(path, "kube-apiserver", "Kubernetes v1.30.1");
        assertThat(run("announce_parts etcd kube-apiserver placement", Map.of()))
                .contains("installing 2 components (only once), about 8 minutes");
    }

    @Test
    void progressContainsNumberAndEstimate() throws IOException, InterruptedException {
        String script = "planned_parts=(a b); expected_seconds=$(part_seconds etcd); touch \"$0/running\";"
                + " SECONDS=0; sleep() { SECONDS=$((SECONDS + 16)); command sleep 0.05; };"
                + " info() { echo \"$1\" >&2; rm -f \"$0/running\"; };"
                + " build() { while [ -e \"$0/running\" ]; do command sleep 0.02; done; };"
                + " run_with_progress \"$0/log\" \"$(part_number b)building b\" build";
        assertThat(run(script, Map.of())).containsPattern("\\[2/2] building b: \\d+ of about 60 s, 0 lines of output");
    }
}
