package io.pciplacement.pci;

import java.util.Optional;

/** A pattern that PCI addresses are held against. */
public sealed interface AddressPattern permits AddressGlob, AddressRegex {

    boolean matches(PciAddress address);

    /** Whether an address of the same domain and bus may match. */
    boolean matchesBus(PciAddress address);

    /**
     * The one address that the pattern spells in full, if it does. Such a pattern selects, where the address is a PF's,
     * that PF's VFs too.
     */
    Optional<PciAddress> single();
}
