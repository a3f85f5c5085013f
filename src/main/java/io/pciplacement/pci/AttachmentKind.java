package io.pciplacement.pci;

import java.util.Optional;

/** How a device of the host is attached to a domain of libvirt. */
public enum AttachmentKind {
    /** As a device: {@code <hostdev type='pci'>}. */
    DEVICE("Device"),
    /** As a network interface: {@code <interface type='hostdev'>}. */
    INTERFACE("Interface");

    private final String value;

    AttachmentKind(String value) {
        this.value = value;
    }

    /** The literal of the API. */
    public String value() {
        return value;
    }

    /** Finds a kind by its API value; empty for one that only another version of the agent defines. */
    public static Optional<AttachmentKind> findByValue(String value) {
        for (AttachmentKind kind : values()) {
            if (kind.value.equals(value)) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }
}
