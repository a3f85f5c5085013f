package io.pciplacement.planning;

import io.pciplacement.pci.PciAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * Annotations by which people and Jobs confirm that they have cleaned a one-time-use device: one of its host's object
 * for each device, with another value each time. A value that was there before the device was used confirms nothing.
 */
public final class Cleaning {

    private static final String PREFIX = "pciplacement.io/cleaned-";

    private Cleaning() {}

    /** The annotation's key: Kubernetes allows no colon there. */
    public static String annotation(String address) {
        return PREFIX + address.replace(':', '-');
    }

    /** What is said now, by device. */
    public static Map<PciAddress, String> said(Map<String, String> annotations) {
        Map<PciAddress, String> said = new HashMap<>();
        annotations.forEach((key, value) -> {
            if (key.startsWith(PREFIX)) {
                PciAddress.parse(key.substring(PREFIX.length()).replace('-', ':'))
                        .ifPresent(address -> said.put(address, value));
            }
        });
        return said;
    }
}
