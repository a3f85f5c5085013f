package io.pciplacement.planning;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.finding.Annotations;
import java.util.HashMap;
import java.util.Map;

/**
 * Annotations by which people and Jobs confirm that they have cleaned a one-time-use device: one of its host's object
 * for each device, with another value each time. A value that was there before the device was used confirms nothing.
 */
public final class CleaningAnnotations {

    private CleaningAnnotations() {}

    /** What is said now, by device. */
    public static Map<PciAddress, String> said(Map<String, String> annotations) {
        Map<PciAddress, String> said = new HashMap<>();
        annotations.forEach((key, value) -> {
            if (key.startsWith(Annotations.CLEANED_PREFIX)) {
                PciAddress.parse(key.substring(Annotations.CLEANED_PREFIX.length())
                                .replace('-', ':'))
                        .ifPresent(address -> said.put(address, value));
            }
        });
        return said;
    }
}
