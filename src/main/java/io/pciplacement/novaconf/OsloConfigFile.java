package io.pciplacement.novaconf;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Configuration file, parsed as by oslo.config: sections, options, and values that continue on indented lines.
 *
 * @param problems lines that oslo.config would reject
 */
public record OsloConfigFile(List<Assignment> assignments, List<Diagnostic> problems) {

    private static final Pattern REFERENCE =
            Pattern.compile("\\$\\$|\\$(?:\\{[_a-z][._a-z0-9]*}|[_a-z][._a-z0-9]*)", Pattern.CASE_INSENSITIVE);

    /** One value of an option. The section name is in lower case, except DEFAULT. */
    public record Assignment(String section, String option, String value, SourceLocation location) {

        /**
         * The first reference to another option ({@code $name}), which only Nova itself can resolve; null if there is
         * none.
         */
        @Nullable String firstReference() {
            Matcher matcher = REFERENCE.matcher(value.replace("\\$", "$$"));
            while (matcher.find()) {
                if (!matcher.group().equals("$$")) {
                    return matcher.group();
                }
            }
            return null;
        }

        /** The value with escaped dollar signs replaced by plain ones. */
        String unescapedValue() {
            return value.replace("\\$", "$$").replace("$$", "$");
        }
    }

    public OsloConfigFile {
        assignments = List.copyOf(assignments);
        problems = List.copyOf(problems);
    }

    public static OsloConfigFile parse(String name, String text) {
        return new FileParser(name).parseLines(text);
    }

    /** Parser of one file. */
    private static final class FileParser {

        private final String file;
        private final List<Assignment> assignments = new ArrayList<>();
        private final List<Diagnostic> problems = new ArrayList<>();
        private @Nullable String section;
        private @Nullable String option;
        private final List<String> value = new ArrayList<>();
        private int startLine;

        FileParser(String file) {
            this.file = file;
        }

        OsloConfigFile parseLines(String text) {
            int lineNumber = 0;
            for (String raw : text.lines().toList()) {
                lineNumber++;
                String line = PythonLiterals.stripTrailing(raw);
                if (line.isEmpty()) {
                    finishOption();
                } else if (line.startsWith(" ") || line.startsWith("\t")) {
                    if (option == null) {
                        addProblem(lineNumber, "an indented line that does not continue an option", line);
                    } else {
                        value.add(PythonLiterals.stripBlanks(line));
                    }
                } else {
                    finishOption();
                    parseLine(lineNumber, line);
                }
            }
            finishOption();
            return new OsloConfigFile(assignments, problems);
        }

        private void parseLine(int lineNumber, String line) {
            if (line.startsWith("[")) {
                if (line.endsWith("]") && line.length() > 2) {
                    String name = line.substring(1, line.length() - 1);
                    section = name.equals("DEFAULT") ? name : name.toLowerCase(Locale.ROOT);
                } else {
                    addProblem(lineNumber, "a section must be written [name]", line);
                }
            } else if (!line.startsWith("#") && !line.startsWith(";")) {
                startOption(lineNumber, line);
            }
        }

        private void startOption(int lineNumber, String line) {
            int separator = line.chars().anyMatch(c -> c == '=' || c == ':') ? line.split("[=:]", 2)[0].length() : -1;
            String name = separator < 0 ? "" : PythonLiterals.stripBlanks(line.substring(0, separator));
            if (name.isEmpty()) {
                addProblem(lineNumber, "neither a section nor option = value", line);
                return;
            }
            option = name;
            startLine = lineNumber;
            String first = PythonLiterals.stripBlanks(line.substring(separator + 1));
            // Quotes are removed only if the first line has both.
            boolean quoted = !first.isEmpty()
                    && first.charAt(0) == first.charAt(first.length() - 1)
                    && (first.startsWith("\"") || first.startsWith("'"));
            value.add(quoted ? first.substring(1, Math.max(1, first.length() - 1)) : first);
        }

        private void finishOption() {
            if (option != null) {
                String text = String.join("\n", value);
                if (section == null) {
                    addProblem(startLine, "an option before the first [section]", option + " = " + text);
                } else {
                    assignments.add(new Assignment(section, option, text, new SourceLocation(file, startLine, 0)));
                }
            }
            option = null;
            value.clear();
        }

        private void addProblem(int lineNumber, String message, String line) {
            problems.add(new Diagnostic(
                    new SourceLocation(file, lineNumber, 0),
                    message + "; Nova rejects the whole file",
                    PythonLiterals.stripBlanks(line)));
        }
    }
}
