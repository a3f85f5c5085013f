package io.pciplacement.nova;

/** Why an entry cannot become a PciDeviceSpec. */
final class Refused extends Exception {

    private static final long serialVersionUID = 1;

    private final String why;

    Refused(String why) {
        super(why);
        this.why = why;
    }

    String why() {
        return why;
    }

    /** For what Nova itself turns down when it starts. */
    static Refused byNovaToo(String message) {
        return new Refused(message + "; nova-compute does not start with it either");
    }
}
