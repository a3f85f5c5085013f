package io.pciplacement.agent;

import io.pciplacement.pci.HostDevices;
import java.util.List;

/** What one look at the host's PCI devices came to. */
sealed interface Scan {

    /**
     * Everything that can be listed has been read.
     *
     * @param devices the devices that are listed
     * @param skipped the functions that are not listed, by reason
     * @param notes what could not be read, and why; worth a line in the log
     */
    record Complete(HostDevices devices, Skipped skipped, List<String> notes) implements Scan {}

    /**
     * Not even a bridge is listed: right for a host without PCI, and never right for one that had devices before.
     *
     * @param place the folder that is empty
     */
    record Nothing(String place) implements Scan {}

    /** @param reason what failed, where, and what to do about it */
    record Failed(String reason) implements Scan {}
}
