package io.pciplacement.it.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.testing.ProcessResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The program with which hack/local renders the chart, compared with the real helm. */
class ChartRenderingIT {

    private static final String CHART = "deploy/helm/pci-placement-operator";

    @TempDir
    Path dir;

    private ProcessResult run(String program, List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "bash",
                "-c",
                "set -euo pipefail; source hack/lib/core/common.sh; use toolchain/kubernetes_programs; " + program
                        + " \"$@\"",
                "render"));
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(dir.resolve("err").toFile());
        for (String variable : List.of("HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME")) {
            builder.environment().put(variable, dir.toString());
        }
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new ProcessResult(process.waitFor(), out, Files.readString(dir.resolve("err")));
    }

    private ProcessResult render(List<String> arguments) throws IOException, InterruptedException {
        return run("ensure_chart_renderer; \"$chart_renderer\"", arguments);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "operator.enabled=false,agent.enabled=false webhook.enabled=false",
                "operator.enabled=false,agent.enabled=false webhook.url=https://127.0.0.1:8443/validate"
                        + " webhook.tls.caBundle=Zm9v novaConfig.namespace=nova operator.discovery=Allocations",
                "agent.libvirt.enabled=true,operator.discovery=Allocations metrics.podMonitor.enabled=true",
            })
    void outputIsThatOfHelm(String settings) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("pci-placement-operator", CHART, "--namespace", "pci"));
        for (String setting : settings.isEmpty() ? List.<String>of() : List.of(settings.split(" "))) {
            arguments.addAll(List.of("--set", setting));
        }
        ProcessResult helm = run("ensure_helm; \"$helm\" template", arguments);
        assertThat(helm.status()).as(helm.err()).isZero();
        assertThat(helm.out()).contains("kind: ClusterRole");
        assertThat(render(arguments).out()).isEqualTo(helm.out());
    }

    @Test
    void rejectsInvalidValuesAndOptions() throws IOException, InterruptedException {
        ProcessResult invalid = render(List.of("r", CHART, "--set", "operator.discovery=Sometimes"));
        assertThat(invalid.status()).isEqualTo(1);
        assertThat(invalid.err()).contains("discovery");
        assertThat(render(List.of("r", CHART, "--values", "x")).err()).contains("unknown option --values", "usage:");
    }
}
