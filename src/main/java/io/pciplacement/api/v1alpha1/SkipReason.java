package io.pciplacement.api.v1alpha1;

import java.util.Optional;

/** Reasons for which an agent does not list a PCI function; the values of {@code status.agent.skipped}. */
public enum SkipReason {
    /** A host bridge or PCI-to-PCI bridge: no hypervisor passes it through. */
    Bridge,
    /** The address has a domain of more than four digits, which a provider's name cannot contain. */
    UnsupportedAddress,
    /** An attribute could not be read or held an invalid value. */
    Unreadable;

    /** Empty for a reason that only another version of the agent knows. */
    public static Optional<SkipReason> of(String name) {
        for (SkipReason reason : values()) {
            if (reason.name().equals(name)) {
                return Optional.of(reason);
            }
        }
        return Optional.empty();
    }
}
