package io.pciplacement.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The packaged command {@code pci} in one process for many runs, because a start takes ten times as long as a run. */
final class WarmPci implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path log;
    private final Process process;
    private final BufferedReader answers;

    /** @param directory the working directory, to which relative paths in arguments refer */
    WarmPci(Map<String, String> env, Path directory, Path log) {
        this.log = log;
        String classPath = Path.of("target/quarkus-app/quarkus-run.jar").toAbsolutePath()
                + File.pathSeparator
                + Path.of("target/test-classes").toAbsolutePath();
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                        "-cp",
                        classPath,
                        "io.pciplacement.cli.PciServer")
                .directory(directory.toFile())
                .redirectError(log.toFile());
        builder.environment().putAll(env);
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        answers = process.inputReader(StandardCharsets.UTF_8);
    }

    ProcessResult run(String... arguments) {
        try {
            var questions = process.outputWriter(StandardCharsets.UTF_8);
            questions.write(JSON.writeValueAsString(List.of(arguments)));
            questions.newLine();
            questions.flush();
            return JSON.readValue(
                    Objects.requireNonNull(answers.readLine(), () -> "pci has ended: see " + log), ProcessResult.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
    }
}
