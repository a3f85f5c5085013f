package io.pciplacement.cli.output;

import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.error.ExitCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** Names of vendors and products from the PCI ID Project: the system's list, otherwise the packaged one. */
public final class PciIdDatabase {

    private static final List<Path> SYSTEM_PATHS = List.of(
            Path.of("/usr/share/misc/pci.ids"),
            Path.of("/usr/share/hwdata/pci.ids"),
            Path.of("/usr/share/pci.ids"),
            Path.of("/var/lib/pciutils/pci.ids"));

    private final Map<Long, String> names = new HashMap<>();

    private PciIdDatabase() {}

    /** @param keys keys of the vendors and products to load; the list is long, and few entries are needed */
    public static PciIdDatabase load(@Nullable Path file, Set<Long> keys) {
        PciIdDatabase ids = new PciIdDatabase();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(openSource(file), StandardCharsets.UTF_8))) {
            ids.readEntries(lines, keys);
        } catch (IOException e) {
            if (file != null) {
                throw new CliException(ExitCode.USAGE, "cannot read %s: %s".formatted(file, e));
            }
        }
        return ids;
    }

    private static InputStream openSource(@Nullable Path file) throws IOException {
        if (file != null) {
            return Files.newInputStream(file);
        }
        for (Path path : SYSTEM_PATHS) {
            if (Files.isReadable(path)) {
                return Files.newInputStream(path);
            }
        }
        InputStream packaged = PciIdDatabase.class.getResourceAsStream("pci.ids.gz");
        if (packaged == null) {
            throw new IOException("pci.ids.gz is not in the jar");
        }
        return new GZIPInputStream(packaged, 1 << 16);
    }

    private void readEntries(BufferedReader lines, Set<Long> keys) throws IOException {
        Set<Integer> vendors = keys.stream().map(key -> (int) (key & 0xffff)).collect(Collectors.toSet());
        int vendor = -1;
        for (String line = lines.readLine(); line != null && !line.startsWith("C "); line = lines.readLine()) {
            boolean product = line.startsWith("\t");
            int id = parseId(line, product ? 1 : 0);
            if (id < 0 || (product && vendor < 0)) {
                continue;
            }
            if (!product) {
                vendor = vendors.contains(id) ? id : -1;
            }
            long key = product ? productKey(vendor, id) : id;
            if (keys.contains(key)) {
                names.put(key, line.substring(product ? 7 : 6).strip());
            }
        }
    }

    /** Parses four hexadecimal digits at an offset that are followed by two spaces; -1 if there are none. */
    private static int parseId(String line, int offset) {
        if (line.length() < offset + 7 || line.charAt(offset + 4) != ' ' || line.charAt(offset + 5) != ' ') {
            return -1;
        }
        int id = 0;
        for (int i = offset; i < offset + 4; i++) {
            int digit = Character.digit(line.charAt(i), 16);
            if (digit < 0) {
                return -1;
            }
            id = id << 4 | digit;
        }
        return id;
    }

    /** Key of a product; the key of a vendor is its id. */
    public static long productKey(int vendor, int product) {
        // Bit 32 distinguishes products from vendors.
        return 1L << 32 | (long) product << 16 | vendor;
    }

    public @Nullable String vendorName(int vendor) {
        return names.get((long) vendor);
    }

    public @Nullable String productName(int vendor, int product) {
        return names.get(productKey(vendor, product));
    }
}
