package io.pciplacement.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The command {@code pci} for shell scripts with one working directory: the script defines {@link #function}, which
 * passes its arguments to a {@link WarmPci} through named pipes. It has no standard input.
 */
final class ShellPci implements AutoCloseable {

    private final Path pipes;
    private final WarmPci pci;

    ShellPci(Map<String, String> env, Path directory, Path log) {
        try {
            pipes = Files.createTempDirectory("pci");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ProcessResult.of(
                        List.of(
                                "mkfifo",
                                pipe("request").toString(),
                                pipe("status").toString()),
                        "",
                        Map.of())
                .orThrow("mkfifo");
        pci = new WarmPci(env, directory, log);
        Thread.ofPlatform().daemon().start(this::serve);
    }

    private Path pipe(String name) {
        return pipes.resolve(name);
    }

    /** The definition of the shell function {@code pci}. */
    String function() {
        return """
                pci() {
                  local status
                  printf '%%s\\0' "$@" > '%1$s/request'
                  read -r status < '%1$s/status'
                  cat '%1$s/out'
                  cat '%1$s/err' >&2
                  return "$status"
                }
                """.formatted(pipes);
    }

    /** Runs until the process of the tests ends, because the opening of a pipe cannot be interrupted. */
    private void serve() {
        try {
            while (true) {
                ProcessResult result = run(Files.readString(pipe("request")).split("\0"));
                Files.writeString(pipe("out"), result.out());
                Files.writeString(pipe("err"), result.err());
                Files.writeString(pipe("status"), result.status() + "\n");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A failure of the server must not leave the script waiting for a status. */
    private ProcessResult run(String[] arguments) {
        try {
            return pci.run(arguments);
        } catch (RuntimeException e) {
            return new ProcessResult(99, "", "the server of pci has failed: " + e);
        }
    }

    @Override
    public void close() {
        pci.close();
    }
}
