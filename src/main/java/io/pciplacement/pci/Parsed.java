package io.pciplacement.pci;

/** What reading a text that a person wrote came to: a value, or why it is refused. */
public sealed interface Parsed<T> {

    record Ok<T>(T value) implements Parsed<T> {}

    /**
     * @param field which part of the text is wrong
     * @param message what is wrong with it, and what would be right; a clause without a full stop
     */
    record Refused<T>(String field, String message) implements Parsed<T> {}

    static <T> Parsed<T> ok(T value) {
        return new Ok<>(value);
    }

    static <T> Parsed<T> refused(String field, String message) {
        return new Refused<>(field, message);
    }
}
