package io.pciplacement.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Captured PCI trees of real guests, unpacked to a directory that a test may change. */
public final class SysfsCaptures {

    private static final Path ALL = Path.of("src/test/resources/sysfs");

    private SysfsCaptures() {}

    /** The list that was created on the guest: address vendor product class type parent numa driver group. */
    public static List<String> guestList(String name) throws IOException {
        return Files.readAllLines(ALL.resolve(name + ".guest-list.txt"));
    }

    /** Unpacks a capture to a directory; returns bus/pci/devices in it. */
    public static Path unpack(String name, Path into) {
        try {
            Files.createDirectories(into);
            Process tar = new ProcessBuilder(
                            "tar", "xzf", ALL.resolve(name + ".tar.gz").toString(), "-C", into.toString())
                    .inheritIO()
                    .start();
            if (tar.waitFor() != 0) {
                throw new IllegalStateException("tar could not unpack " + name);
            }
            return into.resolve("sys");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Removes a device from a tree, as the kernel does on unplug; returns its new location. */
    public static Path unplug(Path sysfs, String address) {
        Path link = sysfs.resolve("bus/pci/devices").resolve(address);
        try {
            Path target = Files.readSymbolicLink(link);
            Files.delete(link);
            return target;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Restores a removed device. */
    public static void plug(Path sysfs, String address, Path target) {
        try {
            Files.createSymbolicLink(sysfs.resolve("bus/pci/devices").resolve(address), target);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
