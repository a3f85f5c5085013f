package io.pciplacement.cli.output;

import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.error.ExitCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** The names of vendors and products, as the PCI ID Project collects them: the system's list, else a packaged one. */
public final class PciIdDatabase {

    private static final List<Path> SYSTEM = List.of(
            Path.of("/usr/share/misc/pci.ids"),
            Path.of("/usr/share/hwdata/pci.ids"),
            Path.of("/usr/share/pci.ids"),
            Path.of("/var/lib/pciutils/pci.ids"));

    private final Map<Long, String> names = new HashMap<>();

    private PciIdDatabase() {}

    /** @param wanted keys of vendors and products; the list is long, and little of it is needed */
    public static PciIdDatabase read(@Nullable Path given, Set<Long> wanted) {
        PciIdDatabase ids = new PciIdDatabase();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(open(given), StandardCharsets.UTF_8))) {
            ids.fill(lines, wanted);
        } catch (IOException e) {
            if (given != null) {
                throw new CliException(ExitCode.USAGE, "cannot read %s: %s".formatted(given, e));
            }
        }
        return ids;
    }

    private static InputStream open(@Nullable Path given) throws IOException {
        if (given != null) {
            return java.nio.file.Files.newInputStream(given);
        }
        for (Path path : SYSTEM) {
            if (java.nio.file.Files.isReadable(path)) {
                return java.nio.file.Files.newInputStream(path);
            }
        }
        InputStream packaged = PciIdDatabase.class.getResourceAsStream("pci.ids.gz");
        if (packaged == null) {
            throw new IOException("pci.ids.gz is not in the jar");
        }
        return new GZIPInputStream(packaged, 1 << 16);
    }

    private void fill(BufferedReader lines, Set<Long> wanted) throws IOException {
        Set<Integer> vendors = wanted.stream().map(key -> (int) (key & 0xffff)).collect(Collectors.toSet());
        int vendor = -1;
        for (String line = lines.readLine(); line != null && !line.startsWith("C "); line = lines.readLine()) {
            boolean product = line.startsWith("\t");
            int id = id(line, product ? 1 : 0);
            if (id < 0 || (product && vendor < 0)) {
                continue;
            }
            if (!product) {
                vendor = vendors.contains(id) ? id : -1;
            }
            long key = product ? key(vendor, id) : id;
            if (wanted.contains(key)) {
                names.put(key, line.substring(product ? 7 : 6).strip());
            }
        }
    }

    /** The four digits at a place with two blanks behind them; -1 where there is something else. */
    private static int id(String line, int at) {
        if (line.length() < at + 7 || line.charAt(at + 4) != ' ' || line.charAt(at + 5) != ' ') {
            return -1;
        }
        int id = 0;
        for (int i = at; i < at + 4; i++) {
            int digit = Character.digit(line.charAt(i), 16);
            if (digit < 0) {
                return -1;
            }
            id = id << 4 | digit;
        }
        return id;
    }

    /** The key of a product; a vendor's is its id. */
    public static long key(int vendor, int product) {
        // A product's number is never that of a vendor.
        return 1L << 32 | (long) product << 16 | vendor;
    }

    public @Nullable String vendor(int vendor) {
        return names.get((long) vendor);
    }

    public @Nullable String product(int vendor, int product) {
        return names.get(key(vendor, product));
    }
}
