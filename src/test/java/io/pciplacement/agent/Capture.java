package io.pciplacement.agent;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** A real guest's PCI sysfs, packed; {@code tar} unpacks of it what a test looks at. */
final class Capture {

    /** All that a scan may look at, and the kernel's own words to hold it to. */
    private static final Predicate<String> WANTED = Pattern.compile("sys/bus/pci/devices/.*"
                    + "|.*/(vendor|device|class|numa_node|uevent|driver|iommu_group|physfn|virtfn\\d+|sriov_[a-z_]+)")
            .asMatchPredicate();

    private Capture() {}

    static Path unpack(String name, Path into) throws IOException, InterruptedException {
        String archive = resource(name + ".tar.gz").toString();
        Process list = new ProcessBuilder("tar", "-tzf", archive).start();
        Path wanted = into.resolve("wanted");
        try (BufferedReader names = list.inputReader()) {
            Files.write(wanted, names.lines().filter(WANTED).toList());
        }
        Process tar = new ProcessBuilder(
                        "tar", "-xzf", archive, "-C", into.toString(), "--no-recursion", "-T", wanted.toString())
                .inheritIO()
                .start();
        if (list.waitFor() != 0 || tar.waitFor() != 0) {
            throw new IOException("tar failed on " + name);
        }
        return into.resolve("sys");
    }

    /** What the guest itself listed: address vendor product class type parent numa driver group. */
    static List<String> guestList(String name) throws IOException {
        return Files.readAllLines(resource(name + ".guest-list.txt"));
    }

    private static Path resource(String name) {
        URL url = Objects.requireNonNull(Capture.class.getResource("/sysfs/" + name), name);
        try {
            return Path.of(url.toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
