package io.pciplacement.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Characters that SafeText keeps and escapes, and lengths at which it truncates. */
class SafeTextTest {

    private static final String ESC = Character.toString(0x1b);
    private static final String GPU = Character.toString(0x1f4be);

    /** C0, DEL, C1, bidirectional controls, byte order mark, tag, noncharacter, unpaired surrogates. */
    private static final List<Integer> HOSTILE = List.of(
            0x00, 0x07, 0x08, 0x1b, 0x7f, 0x80, 0x84, 0x9b, 0x9f, 0x61c, 0x200b, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c,
            0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069, 0xfeff, 0xe0041, 0xfffe, 0xffff, 0xd800, 0xdfff);

    @Test
    void ordinaryTextIsUnchanged() {
        String text = "Gerät 0000:41:00.0, 設備 " + GPU + " \\ \"quoted\" {a: b}";
        assertThat(SafeText.singleLine(text, 100)).isEqualTo(text);
        assertThat(SafeText.forTerminal(text + "\n")).isEqualTo(text + "\n");
        assertThat(SafeText.yamlComment(text)).isEqualTo("# " + text + "\n");
    }

    @Test
    void hostileCharactersAreEscaped() {
        for (int codePoint : HOSTILE) {
            String expected = (codePoint > 0xffff ? "a\\U%08xb" : "a\\u%04xb").formatted(codePoint);
            String text = "a" + Character.toString(codePoint) + "b";
            assertThat(SafeText.singleLine(text, 100)).isEqualTo(expected);
            assertThat(SafeText.forTerminal(text)).isEqualTo(expected);
            assertThat(SafeText.yamlComment(text)).isEqualTo("# " + expected + "\n");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0x0a, 0x0b, 0x0c, 0x0d, 0x85, 0x2028, 0x2029})
    void lineBreakBecomesSpaceInLineAndNewLineInComment(int codePoint) {
        String text = "a" + Character.toString(codePoint) + "b";
        assertThat(SafeText.singleLine(text, 100)).isEqualTo("a b");
        assertThat(SafeText.yamlComment(text)).isEqualTo("# a\n# b\n");
    }

    @Test
    void terminalTextKeepsOnlyNewlines() {
        assertThat(SafeText.forTerminal("a\nb\r" + ESC + "[2J")).isEqualTo("a\nb\\u000d\\u001b[2J");
    }

    @Test
    void longLineIsTruncatedBetweenCodePoints() {
        assertThat(SafeText.singleLine(GPU.repeat(10), 10)).isEqualTo(GPU.repeat(10));
        assertThat(SafeText.singleLine(GPU.repeat(11), 10)).isEqualTo(GPU.repeat(7) + "...");
        assertThat(SafeText.singleLine("ab" + ESC.repeat(10), 10)).isEqualTo("ab...");
    }

    @Test
    void longCommentIsTruncated() {
        assertThat(SafeText.yamlComment("a\n".repeat(1000)).lines())
                .hasSize(101)
                .endsWith("# ...");
        assertThat(SafeText.yamlComment("a".repeat(100_000)))
                .hasSizeLessThan(5000)
                .endsWith("...\n");
    }

    @Test
    void anyTextBecomesOneBoundedLine() {
        Random random = new Random(7);
        for (int i = 0; i < 10_000; i++) {
            String text = IntStream.generate(() -> random.nextInt(4) == 0
                            ? HOSTILE.get(random.nextInt(HOSTILE.size()))
                            : random.nextInt(Character.MAX_CODE_POINT + 1))
                    .limit(random.nextInt(40))
                    .mapToObj(Character::toString)
                    .reduce("", String::concat);
            int max = 3 + random.nextInt(60);
            String line = SafeText.singleLine(text, max);
            assertThat(line.codePointCount(0, line.length())).isLessThanOrEqualTo(max);
            assertThat(line.codePoints()).noneMatch(SafeText::isUnsafe);
            assertThat(SafeText.forTerminal(text).codePoints())
                    .noneMatch(codePoint -> codePoint != '\n' && SafeText.isUnsafe(codePoint));
        }
    }
}
