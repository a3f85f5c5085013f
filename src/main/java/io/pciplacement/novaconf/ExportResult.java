package io.pciplacement.novaconf;

import io.pciplacement.text.SafeText;
import java.util.List;

/**
 * PciDeviceSpecs as {@code [pci]device_spec} of a nova.conf.
 *
 * @param entries entries in the order in which Nova must try them
 * @param problems messages about what a nova.conf cannot express, or what Nova does differently
 */
public record ExportResult(List<Line> entries, List<String> problems) {

    /** One entry: the name of its spec, and its JSON. */
    public record Line(String spec, String json) {}

    private static final int MAX_COMMENT = 4_000;

    public ExportResult {
        entries = List.copyOf(entries);
        problems = List.copyOf(problems);
    }

    /** Renders the section of a nova.conf. */
    public String toNovaConf() {
        StringBuilder text = new StringBuilder("[pci]\n");
        String last = "";
        for (Line line : entries) {
            if (!line.spec().equals(last)) {
                text.append(toComment("PciDeviceSpec " + line.spec()));
                last = line.spec();
            }
            text.append("device_spec = ").append(escapeJson(line.json())).append('\n');
        }
        for (String problem : problems) {
            text.append(toComment("NOT EQUIVALENT: " + problem));
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
