package io.pciplacement.planning.admission;

import io.pciplacement.pci.PciAddress;
import java.util.List;

/** What becomes of one resource provider of a host when specs change. */
sealed interface ProviderChange {

    /** What Placement would be told. */
    enum Kind {
        ADDED,
        CHANGED,
        REMOVED
    }

    /**
     * Placement would be told.
     *
     * @param address the address that the provider is named after
     */
    record Written(PciAddress address, Kind kind) implements ProviderChange {}

    /** It must not be: contradictions that were not there before. */
    record Rejected(List<String> messages) implements ProviderChange {}
}
