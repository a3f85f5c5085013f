package io.pciplacement.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * Files as the kubelet mounts a Secret: links into {@code ..data}, which is a link to the directory with the content.
 * New content is written to another directory and the link is switched atomically.
 */
public final class MountedSecret {

    private final Path directory;
    private final List<String> files;
    private int version;

    /** Converts existing files to a mounted Secret; their content is kept. */
    public MountedSecret(Path directory, List<String> files) throws IOException {
        this.directory = directory;
        this.files = files;
        Path first = next();
        for (String file : files) {
            Files.copy(directory.resolve(file), first.resolve(file));
        }
        switchTo(first);
        for (String file : files) {
            link(file, Path.of("..data", file));
        }
    }

    /** Creates a directory for the next content, which becomes visible with {@link #switchTo}. */
    public Path next() throws IOException {
        return Files.createDirectory(directory.resolve("..version-" + ++version));
    }

    public void switchTo(Path content) throws IOException {
        Path data = directory.resolve("..data");
        Path before = Files.exists(data) ? data.toRealPath() : null;
        link("..data", content.getFileName());
        if (before != null) {
            for (String file : files) {
                Files.delete(before.resolve(file));
            }
            Files.delete(before);
        }
    }

    private void link(String name, Path target) throws IOException {
        Path temporary = Files.createSymbolicLink(directory.resolve("..temporary"), target);
        Files.move(temporary, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }
}
