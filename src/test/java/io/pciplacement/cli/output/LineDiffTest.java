package io.pciplacement.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LineDiffTest {

    @Test
    void showsChangedLinesOnly() {
        assertThat(LineDiff.compare("a\nb\nc\nd\n", "a\nB\nc\nd\ne\n", 10))
                .containsExactly("@@ -2 +2 @@", "-b", "+B", "@@ -4,0 +5 @@", "+e");
        assertThat(LineDiff.compare("a\nb\nc\n", "c\n", 10)).containsExactly("@@ -1,2 +0,0 @@", "-a", "-b");
        assertThat(LineDiff.compare("a\n", "a\n", 10)).isEmpty();
    }

    @Test
    void isShortened() {
        assertThat(LineDiff.compare("a\nb\nc\n", "x\ny\nz\n", 3))
                .containsExactly("@@ -1,3 +1,3 @@", "-a", "-b", "... 4 more lines");
    }

    /** The hunks turn the first text into the second. */
    @Test
    void hunksAreAPatch() {
        Random random = new Random(1);
        for (int round = 0; round < 500; round++) {
            List<String> before = lines(random);
            List<String> after = lines(random);
            List<String> patched = new ArrayList<>();
            int next = 0;
            for (String line : LineDiff.compare(String.join("\n", before), String.join("\n", after), 1000)) {
                if (line.startsWith("@@")) {
                    String[] range = line.replaceAll("@@ -(\\S+) .*", "$1").split(",");
                    int first = Integer.parseInt(range[0]) - (range.length == 2 && range[1].equals("0") ? 0 : 1);
                    patched.addAll(before.subList(next, first));
                    next = first;
                } else if (line.startsWith("-")) {
                    assertThat(before.get(next++)).isEqualTo(line.substring(1));
                } else {
                    patched.add(line.substring(1));
                }
            }
            patched.addAll(before.subList(next, before.size()));
            assertThat(patched).isEqualTo(after);
        }
    }

    private static List<String> lines(Random random) {
        List<String> lines = new ArrayList<>();
        for (int i = random.nextInt(1, 8); i > 0; i--) {
            lines.add(String.valueOf((char) ('a' + random.nextInt(3))));
        }
        return lines;
    }
}
