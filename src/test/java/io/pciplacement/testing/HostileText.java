package io.pciplacement.testing;

import java.util.List;
import java.util.Random;

/**
 * Random text of characters that end lines, control terminals or change the direction of text, and of ordinary
 * characters.
 */
public final class HostileText {

    private static final List<String> PIECES = List.of(
            "\n",
            "\r",
            "" + (char) 0x000b,
            "\f",
            "\t",
            "" + (char) 0x001b + "[2J",
            "" + (char) 0x001b + "]0;x" + (char) 0x0007,
            "\b",
            "" + (char) 0x0000,
            "" + (char) 0x007f,
            "" + (char) 0x0080,
            "" + (char) 0x009b + "31m",
            "" + (char) 0x0085,
            "" + (char) 0x2028,
            "" + (char) 0x2029,
            "" + (char) 0x061c,
            "" + (char) 0x200e,
            "" + (char) 0x200f,
            "" + (char) 0x202a,
            "" + (char) 0x202e,
            "" + (char) 0x2066,
            "" + (char) 0x2069,
            "" + (char) 0xfeff,
            "" + (char) 0xfffe,
            "" + (char) 0xd83d,
            "" + (char) 0xde00,
            "" + (char) 0xd83d + (char) 0xde00,
            "" + (char) 0xdb40 + (char) 0xdc41,
            "é",
            "---",
            "# ",
            "- ",
            ": ",
            "'",
            "\"",
            "\\",
            "{",
            "$",
            "apiVersion: v1",
            "kind: Secret",
            "a",
            "7",
            " ");

    private HostileText() {}

    public static String of(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(1, 20); i > 0; i--) {
            text.append(PIECES.get(random.nextInt(PIECES.size())));
        }
        return text.toString();
    }
}
