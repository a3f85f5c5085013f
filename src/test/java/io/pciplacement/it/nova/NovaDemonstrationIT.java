package io.pciplacement.it.nova;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * {@code hack/nova} reaches its end, where everything that it shows is checked, and leaves no process and no file. Only
 * in CI: the other tests of Nova check the same behaviour.
 */
@EnabledIfEnvironmentVariable(named = "PCI_TEST_ALL", matches = ".+", disabledReason = "runs only with PCI_TEST_ALL")
class NovaDemonstrationIT {

    /** The first time, packages are installed. */
    private static final long LIMIT_MINUTES = 15;

    @Test
    void demonstratesOperatorBesideNova() throws IOException, InterruptedException {
        // Not in /tmp: if it fails, its logs are kept for diagnosis until the next clean build.
        Path directory = Files.createTempDirectory(
                Files.createDirectories(Path.of("target/it").toAbsolutePath()), "demonstration-");
        Path output = directory.resolve("output");
        Path temporary = Files.createDirectory(directory.resolve("tmp"));
        ProcessBuilder builder =
                new ProcessBuilder("hack/nova").redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().put("TMPDIR", temporary.toString());
        builder.environment().put("PCI_LOCAL_BUILD", "never");
        Process process = builder.start();
        try {
            assertThat(process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)).isTrue();
        } finally {
            process.destroy();
        }
        String text = Files.readString(output);
        assertThat(process.exitValue()).as(text).isZero();
        assertThat(text)
                .containsSubsequence(
                        "device_spec = {",
                        "_0000:41:00.0",
                        "SERVER ",
                        "AwaitingNova",
                        "+CUSTOM_CUDA_12",
                        "InSync",
                        "No valid host was found",
                        "render-1 ",
                        "No valid host was found",
                        "WRITTEN BY ",
                        "=== Done");
        assertThat(temporary).as(text).isEmptyDirectory();
        assertThat(ProcessHandle.allProcesses()
                        .map(found -> found.info().commandLine().orElse(""))
                        .filter(command -> command.contains(temporary.toString())))
                .isEmpty();
    }
}
