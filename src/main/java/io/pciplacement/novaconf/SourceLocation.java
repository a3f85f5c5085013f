package io.pciplacement.novaconf;

/**
 * Position in a configuration file.
 *
 * @param entry number of the entry within a value with several entries, starting at 1; otherwise 0
 */
public record SourceLocation(String file, int line, int entry) {

    @Override
    public String toString() {
        return "%s:%d%s".formatted(file, line, entry == 0 ? "" : ", entry " + entry);
    }
}
