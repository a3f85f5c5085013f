package io.pciplacement.novaconf;

/**
 * What a person has to know of something in a nova.conf.
 *
 * @param text it, as it is written there
 */
public record Diagnostic(SourceLocation place, String message, String text) {

    @Override
    public String toString() {
        return place + ": " + message;
    }
}
