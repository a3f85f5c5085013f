package io.pciplacement.novaconf;

/**
 * Message about a part of a nova.conf.
 *
 * @param text the part as it is written there
 */
public record Diagnostic(SourceLocation location, String message, String text) {

    @Override
    public String toString() {
        return location + ": " + message;
    }
}
