package io.pciplacement.novaconf.export;

import io.pciplacement.text.SafeText;
import java.util.List;

/**
 * PciDeviceSpecs as options of the section {@code [pci]} of a nova.conf.
 *
 * @param header lines at the beginning of the section
 * @param entries entries in the order in which Nova must try them
 * @param problems messages about what a nova.conf cannot express, or what Nova does differently
 * @param notes messages about what the user should know, although Nova does what the specs require
 */
public record ExportResult(List<String> header, List<Line> entries, List<String> problems, List<String> notes) {

    /**
     * One entry: an option, and its JSON.
     *
     * @param heading name of its spec, and what differs from the spec
     */
    public record Line(String heading, String option, String json) {

        private static final String COMMENT = "#";

        /** Line that Nova ignores. */
        static Line comment(String heading, String text) {
            return new Line(heading, COMMENT, text);
        }

        private String render() {
            return option.equals(COMMENT) ? toComment(json) : option + " = " + escapeJson(json) + '\n';
        }
    }

    private static final int MAX_COMMENT = 4_000;

    public ExportResult {
        header = List.copyOf(header);
        entries = List.copyOf(entries);
        problems = List.copyOf(problems);
        notes = List.copyOf(notes);
    }

    /** Renders the section of a nova.conf. */
    public String toNovaConf() {
        StringBuilder text = new StringBuilder("[pci]\n");
        header.forEach(line -> text.append(line).append('\n'));
        String last = "";
        for (Line line : entries) {
            if (!line.heading().equals(last)) {
                text.append(toComment("PciDeviceSpec " + line.heading()));
                last = line.heading();
            }
            text.append(line.render());
        }
        for (String problem : problems) {
            text.append(toComment("NOT EQUIVALENT: " + problem));
        }
        for (String note : notes) {
            text.append(toComment("NOTE: " + note));
        }
        return text.toString();
    }

    /** Comment on a single line: text after a line end would be read as an option. */
    private static String toComment(String text) {
        return SafeText.yamlComment(SafeText.singleLine(text, MAX_COMMENT));
    }

    /** Escapes JSON so that oslo.config reads it unchanged. It treats a dollar sign differently after a backslash. */
    private static String escapeJson(String json) {
        return SafeText.escapeJson(json).replace("\\$", "\\\\u0024").replace("$", "$$");
    }
}
