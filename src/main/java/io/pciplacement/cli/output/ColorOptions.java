package io.pciplacement.cli.output;

import java.io.Console;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Option;

/** Colours for the eye: on a terminal, unless NO_COLOR says that somebody does not want them. */
public final class ColorOptions {

    /** When there are any. */
    public enum ColorMode {
        auto,
        always,
        never
    }

    /** What a text says. */
    public enum Style {
        GOOD("32"),
        WAITING("33"),
        BAD("31;1"),
        TITLE("1"),
        ASIDE("2");

        private final String code;

        Style(String code) {
            this.code = code;
        }
    }

    @Option(
            names = "--color",
            paramLabel = "WHEN",
            description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}: on a terminal, and NO_COLOR is not set",
            defaultValue = "auto")
    ColorOptions.ColorMode when = ColorOptions.ColorMode.auto;

    public String paint(ColorOptions.Style meaning, String text) {
        return shown(when, System.getenv(), isTerminal())
                ? TerminalWriter.controlSequence("[%sm".formatted(meaning.code))
                        + text
                        + TerminalWriter.controlSequence("[0m")
                : text;
    }

    public static boolean shown(ColorOptions.ColorMode when, Map<String, String> env, boolean terminal) {
        return switch (when) {
            case always -> true;
            case never -> false;
            case auto ->
                terminal
                        && env.getOrDefault("NO_COLOR", "").isEmpty()
                        && !"dumb".equals(env.getOrDefault("TERM", "").toLowerCase(Locale.ROOT));
        };
    }

    // Which of the two a JDK does where there is no terminal has changed more than once.
    @SuppressWarnings("SystemConsoleNull")
    private static boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }
}
