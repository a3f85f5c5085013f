package io.pciplacement.agent.sysfs;

import io.pciplacement.api.v1alpha1.DeviceStatus.HealthStatus;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import java.util.List;
import java.util.Map;

/** Result of a scan of the host's PCI devices. */
public sealed interface ScanResult {

    /**
     * The scan read the devices of the host.
     *
     * @param devices the devices to publish
     * @param skipped the functions that are not published, by reason
     * @param notes messages for the log about what could not be read, and why
     * @param health link and errors of the devices for which they are read and known
     */
    record Complete(
            HostDevices devices, SkippedDevices skipped, List<String> notes, Map<PciAddress, HealthStatus> health)
            implements ScanResult {

        /** A scan that has not read the health of the devices. */
        public Complete(HostDevices devices, SkippedDevices skipped, List<String> notes) {
            this(devices, skipped, notes, Map.of());
        }
    }

    /**
     * The directory has no entries, not even a bridge. Correct for a host without PCI, never for one that had devices.
     *
     * @param directory the empty directory
     */
    record Empty(String directory) implements ScanResult {}

    /** @param reason what failed, on which path, and what to do about it */
    record Failed(String reason) implements ScanResult {}
}
