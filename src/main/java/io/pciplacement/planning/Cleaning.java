package io.pciplacement.planning;

import io.pciplacement.pci.PciAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * How people and Jobs say that they have cleaned a device for one use: an annotation of its host for each device, with
 * another value each time. A value that was seen already says nothing.
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

    /** The devices of which something new is said. */
    public static Set<PciAddress> fresh(Map<PciAddress, String> said, Map<PciAddress, String> seen) {
        Set<PciAddress> fresh = new TreeSet<>();
        said.forEach((address, value) -> {
            if (!Optional.of(value).equals(Optional.ofNullable(seen.get(address)))) {
                fresh.add(address);
            }
        });
        return fresh;
    }
}
