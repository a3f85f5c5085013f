package io.pciplacement.novaconf;

/**
 * Where something is written.
 *
 * @param entry its number where several are in one value, from 1; else 0
 */
public record SourceLocation(String file, int line, int entry) {

    @Override
    public String toString() {
        return "%s:%d%s".formatted(file, line, entry == 0 ? "" : ", entry " + entry);
    }
}
