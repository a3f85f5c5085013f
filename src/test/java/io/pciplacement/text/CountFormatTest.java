package io.pciplacement.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CountFormatTest {

    @Test
    void onlyOneIsSingular() {
        assertThat(CountFormat.format(0, "device")).isEqualTo("0 devices");
        assertThat(CountFormat.format(1, "device")).isEqualTo("1 device");
        assertThat(CountFormat.format(2, "device")).isEqualTo("2 devices");
        assertThat(CountFormat.format(1, "entry is", "entries are")).isEqualTo("1 entry is");
        assertThat(CountFormat.format(11, "entry is", "entries are")).isEqualTo("11 entries are");
    }
}
