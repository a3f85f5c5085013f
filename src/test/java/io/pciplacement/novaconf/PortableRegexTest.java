package io.pciplacement.novaconf;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Expressions that are not portable between Python and RE2; NovaAnswersTest has portable ones. */
class PortableRegexTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Rejected by Python.
                "8(?i)1",
                "(?<a>8)1",
                "[\\w-a]",
                "(?-i)81",
                "(?i-s)AF",
                "\\x{38}1",
                "\\701",
                "8\\z",
                "\\pN",
                "\\Q8\\E",
                "\\C",
                "(?U)8*",
                "^*",
                "$?",
                "\\b+",
                "[[:digit:]]",
                // Rejected by RE2.
                "(?=8)",
                "(8)\\1",
                "8\\Z",
                "8++",
                "(?P=a)",
                "(?#a)",
                "a{1001}",
                // Different meanings, or reserved for other meanings.
                "8{,1}",
                "[a--b]",
                "[a&&b]",
                "[a||b]",
                "[a~~b]",
                "[[a]",
                "[\\b]",
                // Rejected by both.
                "[",
                "[]",
                "[b-a]",
                "(",
                ")",
                "*",
                "a**",
                "a{2,1}",
                "8\\",
                "(?",
                // Not ASCII, or not printable.
                "é",
                "8\n",
            })
    void rejectsExpressionsThatAreNotPortable(String regex) {
        assertThat(PortableRegex.isPortable(regex)).isFalse();
    }
}
