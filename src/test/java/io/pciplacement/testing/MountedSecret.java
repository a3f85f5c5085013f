package io.pciplacement.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * Files as the kubelet mounts those of a Secret: links into {@code ..data}, itself a link to the folder that has them.
 * A new content is put beside it, and the one link turned, so that nobody sees a half of it.
 */
public final class MountedSecret {

    private final Path folder;
    private final List<String> files;
    private int version;

    /** Makes these files, which are there already, what a mounted Secret has; their content stays. */
    public MountedSecret(Path folder, List<String> files) throws IOException {
        this.folder = folder;
        this.files = files;
        Path first = next();
        for (String file : files) {
            Files.copy(folder.resolve(file), first.resolve(file));
        }
        turnTo(first);
        for (String file : files) {
            link(file, Path.of("..data", file));
        }
    }

    /** A folder for the next content; it is seen when {@link #turnTo} says so. */
    public Path next() throws IOException {
        return Files.createDirectory(folder.resolve("..version-" + ++version));
    }

    public void turnTo(Path content) throws IOException {
        Path data = folder.resolve("..data");
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
        Path aside = Files.createSymbolicLink(folder.resolve("..aside"), target);
        Files.move(aside, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }
}
