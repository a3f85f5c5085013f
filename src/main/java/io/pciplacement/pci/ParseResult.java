package io.pciplacement.pci;

/** Result of parsing user input: a value, or the reason why the input is invalid. */
public sealed interface ParseResult<T> {

    record Success<T>(T value) implements ParseResult<T> {}

    /**
     * @param field the part of the input that is invalid
     * @param message what is wrong with it and what is valid; a clause without a full stop
     */
    record Failure<T>(String field, String message) implements ParseResult<T> {}

    static <T> ParseResult<T> success(T value) {
        return new Success<>(value);
    }

    static <T> ParseResult<T> failure(String field, String message) {
        return new Failure<>(field, message);
    }
}
