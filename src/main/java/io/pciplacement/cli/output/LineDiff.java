package io.pciplacement.cli.output;

import io.pciplacement.text.CountFormat;
import java.util.ArrayList;
import java.util.List;

/** Difference of two texts in the unified format, without context: each hunk has its line numbers instead. */
public final class LineDiff {

    private final List<String> before;
    private final List<String> after;

    /** Length of the longest common subsequence of the lines from each pair of positions to the ends. */
    private final int[][] common;

    private LineDiff(List<String> before, List<String> after) {
        this.before = before;
        this.after = after;
        common = new int[before.size() + 1][after.size() + 1];
        for (int i = before.size() - 1; i >= 0; i--) {
            for (int j = after.size() - 1; j >= 0; j--) {
                common[i][j] = before.get(i).equals(after.get(j))
                        ? common[i + 1][j + 1] + 1
                        : Math.max(common[i + 1][j], common[i][j + 1]);
            }
        }
    }

    /**
     * Compares two texts.
     *
     * @param maxLines the maximum number of lines of the result; a last line then has the number of omitted lines
     */
    public static List<String> compare(String before, String after, int maxLines) {
        List<String> lines = new LineDiff(before.lines().toList(), after.lines().toList()).toLines();
        if (lines.size() <= maxLines) {
            return lines;
        }
        List<String> shortened = new ArrayList<>(lines.subList(0, maxLines));
        shortened.add("... " + CountFormat.format(lines.size() - maxLines, "more line"));
        return shortened;
    }

    private List<String> toLines() {
        List<String> lines = new ArrayList<>();
        int i = 0;
        int j = 0;
        while (i < before.size() || j < after.size()) {
            if (isEqualAt(i, j)) {
                i++;
                j++;
                continue;
            }
            int firstRemoved = i;
            int firstAdded = j;
            while ((i < before.size() || j < after.size()) && !isEqualAt(i, j)) {
                if (j == after.size() || (i < before.size() && common[i + 1][j] >= common[i][j + 1])) {
                    i++;
                } else {
                    j++;
                }
            }
            lines.add("@@ -%s +%s @@".formatted(range(firstRemoved, i), range(firstAdded, j)));
            before.subList(firstRemoved, i).forEach(line -> lines.add("-" + line));
            after.subList(firstAdded, j).forEach(line -> lines.add("+" + line));
        }
        return lines;
    }

    private boolean isEqualAt(int i, int j) {
        return i < before.size() && j < after.size() && before.get(i).equals(after.get(j));
    }

    /** A range of no lines is given by the line that precedes it. */
    private static String range(int first, int end) {
        int count = end - first;
        return "%d%s".formatted(count == 0 ? first : first + 1, count == 1 ? "" : "," + count);
    }
}
