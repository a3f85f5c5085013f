package io.pciplacement.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What hack/ has saved of parts that it started in a folder: ports, addresses. */
final class SavedState {

    private SavedState() {}

    /** @throws IllegalStateException where nothing of this name was saved */
    static String of(Path dir, String name) {
        try {
            return Files.readAllLines(dir.resolve("state")).stream()
                    .filter(line -> line.startsWith(name + "="))
                    .map(line -> line.substring(name.length() + 1))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no " + name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
