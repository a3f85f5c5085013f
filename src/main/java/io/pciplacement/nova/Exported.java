package io.pciplacement.nova;

import java.util.List;

/**
 * Device specs as a nova.conf says the same.
 *
 * @param entries in the order in which Nova has to try them
 * @param problems what a nova.conf cannot say, or says otherwise
 */
public record Exported(List<Line> entries, List<String> problems) {

    /** One entry: the spec that it is of, and its JSON. */
    public record Line(String spec, String json) {}

    public Exported {
        entries = List.copyOf(entries);
        problems = List.copyOf(problems);
    }

    /** The section of a nova.conf. What a dollar sign means to oslo.config is undone. */
    public String text() {
        StringBuilder text = new StringBuilder("[pci]\n");
        String last = "";
        for (Line line : entries) {
            if (!line.spec().equals(last)) {
                text.append("# PciDeviceSpec ").append(line.spec()).append('\n');
                last = line.spec();
            }
            text.append("device_spec = ").append(line.json().replace("$", "$$")).append('\n');
        }
        for (String problem : problems) {
            text.append("# NOT THE SAME: ").append(problem.replace("\n", " ")).append('\n');
        }
        return text.toString();
    }
}
