package io.pciplacement.testing;

/** Length of the tests whose value grows with their number of cases: full with {@code PCI_TEST_ALL}, as in CI. */
public final class TestLength {

    private TestLength() {}

    public static boolean isFull() {
        return System.getenv("PCI_TEST_ALL") != null;
    }

    /** Returns one of two numbers. */
    public static int choose(int reduced, int full) {
        return isFull() ? full : reduced;
    }
}
