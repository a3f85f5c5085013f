package io.pciplacement.agent.sysfs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTextTest {

    @Test
    void printableAsciiIsKept() {
        assertThat(PrintableText.sanitize("vfio-pci ~", 63)).isEqualTo("vfio-pci ~");
    }

    @Test
    void eachOtherCodePointIsReplacedOnce() {
        assertThat(PrintableText.sanitize("a\tb\u007fc\u00e9d", 63)).isEqualTo("a?b?c?d");
        assertThat(PrintableText.sanitize("x\ud83d\ude00y", 63))
                .as("a surrogate pair")
                .isEqualTo("x?y");
        assertThat(PrintableText.sanitize("x\ud83d", 63)).as("half of one").isEqualTo("x?");
    }

    @Test
    void longTextIsTruncated() {
        assertThat(PrintableText.sanitize("abcdef", 6)).isEqualTo("abcdef");
        assertThat(PrintableText.sanitize("abcdefg", 6)).isEqualTo("abcdef");
        assertThat(PrintableText.sanitize("abcde\ud83d\ude00g", 6)).isEqualTo("abcde?");
    }
}
