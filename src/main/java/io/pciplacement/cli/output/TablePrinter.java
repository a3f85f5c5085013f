package io.pciplacement.cli.output;

import io.pciplacement.text.SafeText;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Columns for the eye, as wide as they must be. */
public final class TablePrinter {

    /** The longest name that Kubernetes and Placement have is shorter, and so are their messages. */
    private static final int MAX_CELL = 5_000;

    private final List<List<String>> rows = new ArrayList<>();

    public TablePrinter(String... heads) {
        rows.add(List.of(heads));
    }

    public void row(Object... cells) {
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(SafeText.singleLine(String.valueOf(cell), MAX_CELL));
        }
        rows.add(row);
    }

    public void print(PrintWriter out) {
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
