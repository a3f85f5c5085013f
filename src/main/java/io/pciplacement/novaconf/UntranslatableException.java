package io.pciplacement.novaconf;

/** An entry that cannot be translated to a PciDeviceSpec, or a spec to an entry, with the reason. */
public final class UntranslatableException extends Exception {

    private static final long serialVersionUID = 1;

    private final String reason;

    public UntranslatableException(String reason) {
        super(reason);
        this.reason = reason;
    }

    public String reason() {
        return reason;
    }

    /** For an entry that Nova itself rejects when it starts. */
    static UntranslatableException alsoRejectedByNova(String message) {
        return new UntranslatableException(message + "; nova-compute does not start with it either");
    }
}
