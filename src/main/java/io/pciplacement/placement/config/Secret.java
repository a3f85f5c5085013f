package io.pciplacement.placement.config;

/** A token or a password, which no message and no log may show. */
public record Secret(String value) {

    @Override
    public String toString() {
        return "***";
    }
}
