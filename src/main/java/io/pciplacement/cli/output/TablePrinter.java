package io.pciplacement.cli.output;

import io.pciplacement.text.SafeText;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Table whose columns are as wide as their longest cell. */
public final class TablePrinter {

    /** Maximum length of a cell; names and messages of Kubernetes and Placement are shorter. */
    private static final int MAX_CELL = 5_000;

    private final List<List<String>> rows = new ArrayList<>();

    public TablePrinter(String... headers) {
        rows.add(List.of(headers));
    }

    public void addRow(Object... cells) {
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(SafeText.line(String.valueOf(cell), MAX_CELL));
        }
        rows.add(row);
    }

    public void printTo(PrintWriter out) {
        int[] widths = new int[rows.getFirst().size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                line.append(row.get(i)).repeat(' ', widths[i] - row.get(i).length() + 3);
            }
            out.println(line.toString().stripTrailing());
        }
    }
}
