package io.pciplacement.novaconf;

import io.pciplacement.text.SafeText;
import java.util.List;

/**
 * Device specs as a nova.conf says the same.
 *
 * @param entries in the order in which Nova has to try them
 * @param problems what a nova.conf cannot say, or says otherwise
 */
public record ExportResult(List<Line> entries, List<String> problems) {

    /** One entry: the spec that it is of, and its JSON. */
    public record Line(String spec, String json) {}

    private static final int MAX_COMMENT = 4_000;

    public ExportResult {
        entries = List.copyOf(entries);
        problems = List.copyOf(problems);
    }

    /** The section of a nova.conf. */
    public String text() {
        StringBuilder text = new StringBuilder("[pci]\n");
        String last = "";
        for (Line line : entries) {
            if (!line.spec().equals(last)) {
                text.append(comment("PciDeviceSpec " + line.spec()));
                last = line.spec();
            }
            text.append("device_spec = ").append(value(line.json())).append('\n');
        }
        for (String problem : problems) {
            text.append(comment("NOT THE SAME: " + problem));
        }
        return text.toString();
    }

    /** On one line, whatever is in it: what comes after a line end would be an option. */
    private static String comment(String text) {
        return SafeText.yamlComment(SafeText.singleLine(text, MAX_COMMENT));
    }

    /**
     * What oslo.config reads as this JSON. It takes a dollar sign after a backslash for another one than after others.
     */
    private static String value(String json) {
        return SafeText.escapeJson(json).replace("\\$", "\\\\u0024").replace("$", "$$");
    }
}
