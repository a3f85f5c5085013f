package io.pciplacement.placement.http;

/** A token or a password, which no message and no log may show. */
record Secret(String value) {

    @Override
    public String toString() {
        return "***";
    }
}
