package io.pciplacement.agent.sysfs;

import io.pciplacement.pci.HostDevices;
import io.pciplacement.text.CountFormat;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Scanner of the host's PCI devices in sysfs. Because the tree may change during a scan, a pass that saw a change or an
 * inconsistent entry is repeated, until a pass is consistent or two passes have the same result.
 */
public final class SysfsScanner {

    private static final int MAX_PASSES = 6;
    private static final long PAUSE_MILLIS = 15;

    private final Path root;
    private final SerialNumberCache serialNumbers;
    private final @Nullable DeviceHealthCache health;
    private final SysfsAttributeReader reader = new SysfsAttributeReader();

    /** @param root the directory that contains {@code bus/pci/devices}, or {@code sys/bus/pci/devices} */
    public SysfsScanner(Path root, SerialNumberCache serialNumbers) {
        this(root, serialNumbers, null);
    }

    /**
     * @param root the directory that contains {@code bus/pci/devices}, or {@code sys/bus/pci/devices}
     * @param health null if the health of the devices is not read
     */
    public SysfsScanner(Path root, SerialNumberCache serialNumbers, @Nullable DeviceHealthCache health) {
        this.root = root;
        this.serialNumbers = serialNumbers;
        this.health = health;
    }

    public ScanResult scan() {
        Path directory = findDevicesDirectory(root);
        if (directory == null) {
            return new ScanResult.Failed("no bus/pci/devices in " + root
                    + ": mount the host's /sys there, or set PCI_AGENT_SYSFS to its path");
        }
        try {
            return scanUntilStable(directory);
        } catch (AccessDeniedException e) {
            return new ScanResult.Failed("permission denied for " + e.getFile()
                    + ": it is world-readable in sysfs, so check the pod's security context and profiles");
        } catch (NoSuchFileException e) {
            return new ScanResult.Failed(e.getFile() + " no longer exists: mount the host's /sys at " + root);
        } catch (IOException e) {
            return new ScanResult.Failed(
                    "cannot list " + directory + ": " + e.getMessage() + ": mount the host's /sys at " + root);
        }
    }

    /** The directory in which a tree lists its devices, or null. */
    public static @Nullable Path findDevicesDirectory(Path root) {
        for (String relativePath : new String[] {"bus/pci/devices", "sys/bus/pci/devices"}) {
            Path directory = root.resolve(relativePath);
            if (Files.isDirectory(directory)) {
                return directory;
            }
        }
        return null;
    }

    private ScanResult scanUntilStable(Path directory) throws IOException {
        SysfsScanPass previous = null;
        for (int number = 1; ; number++) {
            String[] listed = listNames(directory);
            String[] ordered = listed.clone();
            Arrays.sort(ordered);
            SysfsScanPass pass = new SysfsScanPass(directory, reader, serialNumbers, health).readDevices(ordered);
            boolean stable = pass.inconsistentEntries().isEmpty() && Arrays.equals(listed, listNames(directory));
            if (stable || number == MAX_PASSES || pass.hasSameResultAs(previous) || !sleepAfterPass(number)) {
                serialNumbers.evictAbsent();
                ScanResult result = toScanResult(directory, listed.length, pass, stable);
                if (health != null) {
                    health.evictAbsent();
                }
                return result;
            }
            previous = pass;
        }
    }

    private ScanResult toScanResult(Path directory, int listed, SysfsScanPass pass, boolean stable) {
        if (listed == 0) {
            return new ScanResult.Empty(directory.toString());
        }
        HostDevices devices = pass.devices();
        if (pass.inconsistentEntries().size() == listed) {
            return new ScanResult.Failed("none of " + CountFormat.format(listed, "device") + " in " + directory
                    + " can be read, first failure: "
                    + pass.inconsistentEntries().getFirst() + ": check that this is the host's /sys");
        }
        List<String> notes = new ArrayList<>(pass.inconsistentEntries());
        notes.addAll(serialNumbers.describeTimeouts());
        notes.addAll(health == null ? List.of() : health.describeStuckReads());
        if (!stable && pass.inconsistentEntries().isEmpty()) {
            notes.add("devices kept changing during the scan; the next scan completes the list");
        }
        return new ScanResult.Complete(
                devices,
                SkippedDevices.groupByReason(pass.skipped()),
                notes,
                health == null ? Map.of() : health.collectResults());
    }

    /** Entries of a directory in directory order, which changes only if an entry was added or removed. */
    private static String[] listNames(Path directory) throws IOException {
        // Not a stream of paths, because only the names are needed.
        String[] names = directory.toFile().list();
        if (names == null) {
            // Throws an exception with the cause.
            try (var _ = Files.newDirectoryStream(directory)) {
                throw new IOException("cannot list its entries");
            }
        }
        return names;
    }

    /** Returns false if the thread was interrupted. */
    private static boolean sleepAfterPass(int pass) {
        try {
            Thread.sleep(PAUSE_MILLIS * pass);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
