package io.pciplacement.agent.sysfs;

import io.pciplacement.pci.HostDevices;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the host's PCI devices from sysfs. The tree may change under the reader's hands: a round during which it did,
 * or in which something was half there, is repeated until nothing is torn or two rounds agree.
 */
public final class SysfsScanner {

    private static final int MAX_ROUNDS = 6;
    private static final long PAUSE_MILLIS = 15;

    private final Path root;
    private final SerialNumberCache serialNumbers;
    private final SysfsAttributeReader reader = new SysfsAttributeReader();

    /** @param root the folder that holds {@code bus/pci/devices}, or {@code sys/bus/pci/devices} */
    public SysfsScanner(Path root, SerialNumberCache serialNumbers) {
        this.root = root;
        this.serialNumbers = serialNumbers;
    }

    public ScanResult scan() {
        Path place = devicesBelow(root);
        if (place == null) {
            return new ScanResult.Failed("no bus/pci/devices in " + root
                    + ": mount the host's /sys there, or set PCI_AGENT_SYSFS to its place");
        }
        try {
            return scan(place);
        } catch (AccessDeniedException e) {
            return new ScanResult.Failed("not allowed to read " + e.getFile()
                    + ": everyone may read it in a host's sysfs, so look at the pod's security context and profiles");
        } catch (NoSuchFileException e) {
            return new ScanResult.Failed(e.getFile() + " has gone: mount the host's /sys at " + root);
        } catch (IOException e) {
            return new ScanResult.Failed(
                    "cannot list " + place + ": " + e.getMessage() + ": mount the host's /sys at " + root);
        }
    }

    /** Where a tree lists its devices, or null. */
    public static @Nullable Path devicesBelow(Path root) {
        for (String way : new String[] {"bus/pci/devices", "sys/bus/pci/devices"}) {
            Path place = root.resolve(way);
            if (Files.isDirectory(place)) {
                return place;
            }
        }
        return null;
    }

    private ScanResult scan(Path place) throws IOException {
        SysfsScanPass last = null;
        for (int number = 1; ; number++) {
            String[] listed = list(place);
            String[] ordered = listed.clone();
            Arrays.sort(ordered);
            SysfsScanPass round = new SysfsScanPass(place, reader, serialNumbers).read(ordered);
            boolean settled = round.torn().isEmpty() && Arrays.equals(listed, list(place));
            if (settled || number == MAX_ROUNDS || round.agreesWith(last) || !pause(number)) {
                serialNumbers.keepOnlySeen();
                return result(place, listed.length, round, settled, serialNumbers.unanswered());
            }
            last = round;
        }
    }

    private static ScanResult result(
            Path place, int listed, SysfsScanPass round, boolean settled, List<String> unanswered) {
        if (listed == 0) {
            return new ScanResult.Empty(place.toString());
        }
        HostDevices devices = round.devices();
        if (round.torn().size() == listed) {
            return new ScanResult.Failed("none of the " + listed + " devices in " + place
                    + " can be read, the first failure is " + round.torn().getFirst() + ": is this the host's /sys?");
        }
        List<String> notes = new ArrayList<>(round.torn());
        notes.addAll(unanswered);
        if (!settled && round.torn().isEmpty()) {
            notes.add("devices kept coming and going during the scan; the next one tells the rest");
        }
        return new ScanResult.Complete(devices, SkippedDevices.of(round.skipped()), notes);
    }

    /** The names in a folder, in the folder's own order, which is another only where something came or went. */
    private static String[] list(Path place) throws IOException {
        // Not a stream of paths, of which nothing but the names would be used.
        String[] names = place.toFile().list();
        if (names == null) {
            // What this throws says why.
            try (var _ = Files.newDirectoryStream(place)) {
                throw new IOException("its names cannot be read");
            }
        }
        return names;
    }

    /** False when somebody wants this thread to end. */
    private static boolean pause(int round) {
        try {
            Thread.sleep(PAUSE_MILLIS * round);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
