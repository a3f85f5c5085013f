package io.pciplacement.placement.config;

/** Token or password. Its string form is masked so that it does not appear in messages and logs. */
public record Secret(String value) {

    @Override
    public String toString() {
        return "***";
    }
}
