package io.pciplacement.pci;

/** What reading a text that a person wrote came to: a value, or why it is refused. */
public sealed interface ParseResult<T> {

    record Success<T>(T value) implements ParseResult<T> {}

    /**
     * @param field which part of the text is wrong
     * @param message what is wrong with it, and what would be right; a clause without a full stop
     */
    record Failure<T>(String field, String message) implements ParseResult<T> {}

    static <T> ParseResult<T> ok(T value) {
        return new ParseResult.Success<>(value);
    }

    static <T> ParseResult<T> refused(String field, String message) {
        return new ParseResult.Failure<>(field, message);
    }
}
