package io.pciplacement.planning;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.finding.Annotations;
import java.util.HashMap;
import java.util.Map;

/**
 * Parser of the annotations that confirm the cleaning of one-time-use devices. Each device has its own annotation on
 * the HostPciInventory, whose value changes with each cleaning. A value that existed before the device was used
 * confirms nothing.
 */
public final class CleaningAnnotations {

    private CleaningAnnotations() {}

    /** Returns the current values by device. */
    public static Map<PciAddress, String> parseConfirmations(Map<String, String> annotations) {
        Map<PciAddress, String> confirmations = new HashMap<>();
        annotations.forEach((key, value) -> {
            if (key.startsWith(Annotations.CLEANED_PREFIX)) {
                PciAddress.parse(key.substring(Annotations.CLEANED_PREFIX.length())
                                .replace('-', ':'))
                        .ifPresent(address -> confirmations.put(address, value));
            }
        });
        return confirmations;
    }
}
