package io.pciplacement.planning.admission;

import io.pciplacement.pci.PciAddress;
import java.util.List;

/** Effect of a change of specs on one resource provider of a host. */
sealed interface ProviderChange {

    /** Kind of change in Placement. */
    enum Kind {
        ADDED,
        /** Changed: its devices, or their type. */
        CHANGED,
        /** Changed: only its traits. */
        TRAITS_CHANGED,
        /** Changed, and to another resource class. */
        CLASS_CHANGED,
        REMOVED
    }

    /**
     * The change is written to Placement.
     *
     * @param address the address in the provider's name
     */
    record Write(PciAddress address, Kind kind) implements ProviderChange {}

    /** The change is rejected because it introduces new conflicts. */
    record Rejected(List<String> messages) implements ProviderChange {}
}
