package io.pciplacement.planning.finding;

import io.pciplacement.pci.PciAddress;

/** Keys of the annotations of a HostPciInventory with which administrators confirm an action. */
public final class Annotations {

    /** Accepts replaced devices: {@code ADDRESS=IDENTITY}, separated by commas. */
    public static final String ACCEPT_DEVICE = "pciplacement.io/accept-device";

    /** Prefix of the keys that confirm that a one-time-use device was cleaned; the address follows. */
    public static final String CLEANED_PREFIX = "pciplacement.io/cleaned-";

    private Annotations() {}

    /** Returns the key for a device; Kubernetes does not allow colons in keys. */
    public static String cleanedKey(PciAddress address) {
        return CLEANED_PREFIX + address.toUpperCaseString().replace(':', '-');
    }
}
