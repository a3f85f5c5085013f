package io.pciplacement.it.docs;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A command of a console block of the documentation, with the output that the page shows.
 *
 * @param expected the output; three dots in it stand for any text
 */
record ConsoleCommand(String line, String expected) {

    /** The commands of a block: each begins with a dollar sign at the start of a line. */
    static List<ConsoleCommand> parseBlock(String block) {
        return Stream.of(("\n" + block).split("\n\\$ "))
                .filter(part -> !part.isBlank())
                .map(part -> part.split("\n", 2))
                .map(lines -> new ConsoleCommand(lines[0], lines.length > 1 ? lines[1] : ""))
                .toList();
    }

    /** Matches an output that equals the expected one except for white space. */
    Pattern expectedOutput() {
        return Pattern.compile(
                Stream.of(expected.strip().split("\\.\\.\\.", -1))
                        .map(part -> Stream.of(part.split("\\s+", -1))
                                .map(Pattern::quote)
                                .collect(Collectors.joining("\\s+")))
                        .collect(Collectors.joining(".*")),
                Pattern.DOTALL);
    }
}
