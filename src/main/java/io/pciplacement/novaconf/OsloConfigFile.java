package io.pciplacement.novaconf;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A configuration file as oslo.config reads it: sections, options, values that go on in indented lines.
 *
 * @param problems lines that it would not take
 */
public record OsloConfigFile(List<Assignment> assignments, List<Diagnostic> problems) {

    private static final Pattern REFERENCE =
            Pattern.compile("\\$\\$|\\$(?:\\{[_a-z][._a-z0-9]*}|[_a-z][._a-z0-9]*)", Pattern.CASE_INSENSITIVE);

    /** One value of an option; the section in lower case, but for DEFAULT. */
    public record Assignment(String section, String option, String value, SourceLocation place) {

        /** The first reference to another option ({@code $name}), which only Nova itself can resolve. */
        @Nullable String reference() {
            Matcher matcher = REFERENCE.matcher(value.replace("\\$", "$$"));
            while (matcher.find()) {
                if (!matcher.group().equals("$$")) {
                    return matcher.group();
                }
            }
            return null;
        }

        /** The value without the marks that keep a dollar sign from being a reference. */
        String plain() {
            return value.replace("\\$", "$$").replace("$$", "$");
        }
    }

    public OsloConfigFile {
        assignments = List.copyOf(assignments);
        problems = List.copyOf(problems);
    }

    public static OsloConfigFile parse(String name, String text) {
        return new Reading(name).all(text);
    }

    /** The state of reading one file. */
    private static final class Reading {

        private final String file;
        private final List<Assignment> assignments = new ArrayList<>();
        private final List<Diagnostic> problems = new ArrayList<>();
        private @Nullable String section;
        private @Nullable String option;
        private final List<String> value = new ArrayList<>();
        private int begin;

        Reading(String file) {
            this.file = file;
        }

        OsloConfigFile all(String text) {
            int number = 0;
            for (String raw : text.lines().toList()) {
                number++;
                String line = PythonLiterals.stripEnd(raw);
                if (line.isEmpty()) {
                    flush();
                } else if (line.startsWith(" ") || line.startsWith("\t")) {
                    if (option == null) {
                        problem(number, "an indented line that continues no option", line);
                    } else {
                        value.add(PythonLiterals.strip(line));
                    }
                } else {
                    flush();
                    begin(number, line);
                }
            }
            flush();
            return new OsloConfigFile(assignments, problems);
        }

        private void begin(int number, String line) {
            if (line.startsWith("[")) {
                if (line.endsWith("]") && line.length() > 2) {
                    String name = line.substring(1, line.length() - 1);
                    section = name.equals("DEFAULT") ? name : name.toLowerCase(Locale.ROOT);
                } else {
                    problem(number, "a section must be written [name]", line);
                }
            } else if (!line.startsWith("#") && !line.startsWith(";")) {
                assignment(number, line);
            }
        }

        private void assignment(int number, String line) {
            int at = line.chars().anyMatch(c -> c == '=' || c == ':') ? line.split("[=:]", 2)[0].length() : -1;
            String name = at < 0 ? "" : PythonLiterals.strip(line.substring(0, at));
            if (name.isEmpty()) {
                problem(number, "neither a section nor option = value", line);
                return;
            }
            option = name;
            begin = number;
            String first = PythonLiterals.strip(line.substring(at + 1));
            // Quotes are taken off only where the first line has both.
            boolean quoted = !first.isEmpty()
                    && first.charAt(0) == first.charAt(first.length() - 1)
                    && (first.startsWith("\"") || first.startsWith("'"));
            value.add(quoted ? first.substring(1, Math.max(1, first.length() - 1)) : first);
        }

        private void flush() {
            if (option != null) {
                String text = String.join("\n", value);
                if (section == null) {
                    problem(begin, "an option before the first [section]", option + " = " + text);
                } else {
                    assignments.add(new Assignment(section, option, text, new SourceLocation(file, begin, 0)));
                }
            }
            option = null;
            value.clear();
        }

        private void problem(int number, String message, String line) {
            problems.add(new Diagnostic(
                    new SourceLocation(file, number, 0),
                    message + "; Nova does not read the file at all",
                    PythonLiterals.strip(line)));
        }
    }
}
