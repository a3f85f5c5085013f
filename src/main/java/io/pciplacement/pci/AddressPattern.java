package io.pciplacement.pci;

import java.util.Optional;

/** Pattern that matches PCI addresses. */
public sealed interface AddressPattern permits AddressGlob, AddressRegex {

    boolean matches(PciAddress address);

    /** Whether some address with the same domain and bus can match. */
    boolean canMatchOnBusOf(PciAddress address);

    /**
     * The address, if the pattern specifies exactly one. If this is the address of a PF, the pattern also selects the
     * VFs of that PF.
     */
    Optional<PciAddress> singleAddress();
}
