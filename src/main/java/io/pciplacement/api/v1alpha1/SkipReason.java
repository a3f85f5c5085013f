package io.pciplacement.api.v1alpha1;

import java.util.Optional;

/** Reasons why an agent does not list a PCI function; the values of {@code status.agent.skipped}. */
public enum SkipReason {
    /** A host bridge or PCI-to-PCI bridge: no hypervisor passes it through. */
    BRIDGE("Bridge"),
    /** The address has a domain of more than four digits, which a provider's name cannot contain. */
    UNSUPPORTED_ADDRESS("UnsupportedAddress"),
    /** An attribute could not be read or held an invalid value. */
    UNREADABLE("Unreadable");

    private final String value;

    SkipReason(String value) {
        this.value = value;
    }

    /** The literal of the API. */
    public String value() {
        return value;
    }

    /** Finds a reason by its API value; empty for one that only another version of the agent defines. */
    public static Optional<SkipReason> findByValue(String name) {
        for (SkipReason reason : values()) {
            if (reason.value().equals(name)) {
                return Optional.of(reason);
            }
        }
        return Optional.empty();
    }
}
