package io.pciplacement.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** State that hack/ saves for the processes it starts: ports, addresses. */
final class SavedState {

    private SavedState() {}

    /** @throws IllegalStateException if nothing of this name was saved */
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
