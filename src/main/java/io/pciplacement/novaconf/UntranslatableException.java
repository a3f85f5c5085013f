package io.pciplacement.novaconf;

/** Why an entry cannot become a PciDeviceSpec. */
final class UntranslatableException extends Exception {

    private static final long serialVersionUID = 1;

    private final String why;

    UntranslatableException(String why) {
        super(why);
        this.why = why;
    }

    String why() {
        return why;
    }

    /** For what Nova itself turns down when it starts. */
    static UntranslatableException byNovaToo(String message) {
        return new UntranslatableException(message + "; nova-compute does not start with it either");
    }
}
