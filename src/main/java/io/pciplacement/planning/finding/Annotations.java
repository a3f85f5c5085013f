package io.pciplacement.planning.finding;

/** Keys of the annotations of a HostPciInventory by which administrators confirm something. */
public final class Annotations {

    /** Accepts replaced devices: {@code ADDRESS=IDENTITY}, separated by commas. */
    public static final String ACCEPT_DEVICE = "pciplacement.io/accept-device";

    /** Prefix of the keys that confirm that a one-time-use device was cleaned; the address follows. */
    public static final String CLEANED_PREFIX = "pciplacement.io/cleaned-";

    private Annotations() {}

    /** The key for a device; Kubernetes allows no colon in keys. */
    public static String cleaned(String address) {
        return CLEANED_PREFIX + address.replace(':', '-');
    }
}
