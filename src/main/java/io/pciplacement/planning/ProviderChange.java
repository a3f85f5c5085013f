package io.pciplacement.planning;

import io.pciplacement.pci.PciAddress;
import java.util.List;

/** What becomes of one resource provider of a host when specs change. */
sealed interface ProviderChange {

    /** The address that the provider is named after. */
    PciAddress address();

    /** What Placement would be told. */
    enum Kind {
        ADDED,
        CHANGED,
        REMOVED
    }

    /** Placement would be told. */
    record Written(PciAddress address, Kind kind) implements ProviderChange {}

    /** It must not be: contradictions that were not there before. */
    record Refused(PciAddress address, List<String> messages) implements ProviderChange {}
}
