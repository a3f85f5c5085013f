package io.pciplacement.cli.output;

import java.io.Console;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Option;

/** Options for colored output: by default only on a terminal, and not if NO_COLOR is set. */
public final class ColorOptions {

    /** When output is colored. */
    public enum ColorMode {
        auto,
        always,
        never
    }

    /** Style of a piece of text. */
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
            description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}: on a terminal unless NO_COLOR is set",
            defaultValue = "auto")
    ColorMode mode = ColorMode.auto;

    public String colorize(Style style, String text) {
        return usesColor(mode, System.getenv(), isTerminal())
                ? TerminalWriter.controlSequence("[%sm".formatted(style.code))
                        + text
                        + TerminalWriter.controlSequence("[0m")
                : text;
    }

    public static boolean usesColor(ColorMode mode, Map<String, String> env, boolean terminal) {
        return switch (mode) {
            case always -> true;
            case never -> false;
            case auto ->
                terminal
                        && env.getOrDefault("NO_COLOR", "").isEmpty()
                        && !"dumb".equals(env.getOrDefault("TERM", "").toLowerCase(Locale.ROOT));
        };
    }

    // Without a terminal System.console() is null or not, depending on the JDK version.
    @SuppressWarnings("SystemConsoleNull")
    private static boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }
}
