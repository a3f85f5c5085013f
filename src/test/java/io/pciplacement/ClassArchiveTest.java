package io.pciplacement;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests which class data archives of ended JVMs hack/lib/toolchain/build.sh uses, and which it removes. */
class ClassArchiveTest {

    private static final String COMPLETE = "magic number and classes";
    private static final Instant BUILD = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    Path root;

    private Path target;

    @BeforeEach
    void createBuild() throws IOException {
        target = Files.createDirectories(root.resolve("target"));
        Files.createDirectories(target.resolve("quarkus-app"));
        write("quarkus-app/quarkus-run.jar", "", BUILD);
    }

    private void write(String name, String content, Instant modified) throws IOException {
        Files.writeString(target.resolve(name), content);
        Files.setLastModifiedTime(target.resolve(name), FileTime.from(modified));
    }

    private String run(String script) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        "bash",
                        "-c",
                        "set -euo pipefail; source hack/lib/core/common.sh; root=$0; use cluster/operator; " + script,
                        root.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    private List<String> archives() throws IOException {
        try (Stream<Path> files = Files.list(target)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.contains(".jsa"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void nextStartUsesArchiveOfEndedJvm() throws IOException, InterruptedException {
        assertThat(run("class_archive_options pci"))
                .contains("-XX:ArchiveClassesAtExit=" + target.resolve("pci."))
                .contains(".jsa-new");
        write("pci.17.jsa-new", COMPLETE, BUILD.plusSeconds(1));
        assertThat(run("class_archive_options pci")).contains("-XX:SharedArchiveFile=" + target.resolve("pci.jsa"));
        assertThat(archives()).containsExactly("pci.jsa");
    }

    /** Tests start many operators at the same time, which would all write an archive when they end. */
    @Test
    void firstOperatorOnlyWritesTheArchive() throws IOException, InterruptedException {
        String script = """
                cache=$root
                ensure_programs() { :; }
                launch_operator() { options=$(class_archive_options operator); echo replica $1: $options; }
                await_operator() { :; }
                stop() { read -r file <<< "${options#*AtExit=}"; echo archive > "$file"; }
                PCI_LOCAL_START_CACHE=first
                start_operator 1
                start_operator 2
                """;
        assertThat(run(script).lines())
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("replica 1: -XX:ArchiveClassesAtExit="),
                        line -> assertThat(line).startsWith("replica 1: -XX:SharedArchiveFile="),
                        line -> assertThat(line).startsWith("replica 2: -XX:SharedArchiveFile="));
        assertThat(archives()).containsExactly("operator.jsa");
    }

    @Test
    void removesIncompleteAndOutdatedArchives() throws IOException, InterruptedException {
        write("operator.1.jsa-new", "\0\0\0\0classes", BUILD.plusSeconds(1));
        write("operator.2.jsa-new", COMPLETE, BUILD.minusSeconds(1));
        run("collect_class_archives");
        assertThat(archives()).isEmpty();
    }

    @Test
    void skipsArchivesOfRunningJvms() throws IOException, InterruptedException {
        write("operator.1.jsa-new", "\0\0\0\0classes", BUILD.plusSeconds(1));
        Process jvm = new ProcessBuilder("cat", "-", target + "/operator.1.jsa-new").start();
        try {
            run("collect_class_archives");
            assertThat(archives()).containsExactly("operator.1.jsa-new");
        } finally {
            jvm.destroy();
            jvm.waitFor();
        }
        run("collect_class_archives");
        assertThat(archives()).isEmpty();
    }
}
