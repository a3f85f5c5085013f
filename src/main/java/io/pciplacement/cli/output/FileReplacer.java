package io.pciplacement.cli.output;

import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.error.ExitCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Replaces files so that readers see the old or the new content, but no part of it. */
public final class FileReplacer {

    private FileReplacer() {}

    /** @throws CliException if the file cannot be written; it keeps its content */
    public static void replace(Path file, String content) {
        Path temporary = file.resolveSibling("." + file.getFileName() + ".new");
        try {
            Files.write(temporary, content.getBytes(StandardCharsets.UTF_8));
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new CliException(
                    ExitCode.USAGE,
                    "cannot write %s: %s; check that its directory exists and is writable".formatted(file, e));
        }
    }
}
