package io.pciplacement.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Output and exit status of a process. */
public record ProcessResult(int status, String out, String err) {

    /** Runs a process to its end with standard input and additional environment variables. */
    public static ProcessResult of(List<String> command, String input, Map<String, String> env) {
        try {
            Path err = Files.createTempFile("pci-it-", ".err");
            ProcessBuilder builder = new ProcessBuilder(command).redirectError(err.toFile());
            builder.environment().putIfAbsent("PCI_LOCAL_BUILD", "never");
            builder.environment().putAll(env);
            Process process = builder.start();
            try (var stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
            }
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int status = process.waitFor();
            String errors = Files.readString(err);
            Files.delete(err);
            return new ProcessResult(status, out, errors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Returns both streams as they appear on a terminal. */
    public String all() {
        return out + err;
    }

    /** Returns the result; fails if the exit status is not 0. */
    public ProcessResult orThrow(String command) {
        if (status != 0) {
            throw new IllegalStateException("%s failed:%n%s".formatted(command, all()));
        }
        return this;
    }
}
