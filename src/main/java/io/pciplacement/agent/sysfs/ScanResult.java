package io.pciplacement.agent.sysfs;

import io.pciplacement.pci.HostDevices;
import java.util.List;

/** What one look at the host's PCI devices came to. */
public sealed interface ScanResult {

    /**
     * Everything that can be listed has been read.
     *
     * @param devices the devices that are listed
     * @param skipped the functions that are not listed, by reason
     * @param notes what could not be read, and why; worth a line in the log
     */
    record Complete(HostDevices devices, SkippedDevices skipped, List<String> notes) implements ScanResult {}

    /**
     * Not even a bridge is listed: right for a host without PCI, and never right for one that had devices before.
     *
     * @param place the folder that is empty
     */
    record Empty(String place) implements ScanResult {}

    /** @param reason what failed, where, and what to do about it */
    record Failed(String reason) implements ScanResult {}
}
