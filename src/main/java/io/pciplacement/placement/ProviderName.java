package io.pciplacement.placement;

import io.pciplacement.pci.PciAddress;
import java.util.Optional;

/**
 * Name of the resource provider of a PCI device, as Nova gives it: {@code ROOT_DDDD:BB:SS.F}, with the address in upper
 * case. The name of the root provider may itself contain underscores and colons; the address has no underscore and
 * always 12 characters.
 *
 * @param root name of the root provider, which represents the host; not empty
 * @param address address of the device; of its PF if the provider counts VFs
 */
public record ProviderName(String root, PciAddress address) {

    private static final char SEPARATOR = '_';

    /**
     * Parses a name from Placement. Names that other clients have written may have the address in lower case; they are
     * parsed too, but {@link #toString} returns upper case. Empty for names of another shape.
     */
    public static Optional<ProviderName> parse(String name) {
        return findAddress(name).map(address -> new ProviderName(name.substring(0, separatorIndex(name)), address));
    }

    /** The address of {@link #parse} without an instance, for loops over all providers. */
    public static Optional<PciAddress> findAddress(String name) {
        int separator = separatorIndex(name);
        return separator > 0 && name.charAt(separator) == SEPARATOR
                ? PciAddress.parse(name.substring(separator + 1))
                : Optional.empty();
    }

    /**
     * The address in the name of a provider below a root provider; empty for names of another shape or with another
     * root.
     */
    public static Optional<PciAddress> findAddressBelow(String root, String name) {
        return separatorIndex(name) == root.length() && name.startsWith(root) ? findAddress(name) : Optional.empty();
    }

    /**
     * The root provider's name in the name of a provider below it, whether or not an address follows: everything before
     * the last underscore. Empty if that is nothing.
     */
    public static Optional<String> findRoot(String name) {
        int separator = name.lastIndexOf(SEPARATOR);
        return separator > 0 ? Optional.of(name.substring(0, separator)) : Optional.empty();
    }

    private static int separatorIndex(String name) {
        return name.length() - PciAddress.LENGTH - 1;
    }

    /** The name in Placement. */
    @Override
    public String toString() {
        return root + SEPARATOR + address.toUpperCaseString();
    }
}
