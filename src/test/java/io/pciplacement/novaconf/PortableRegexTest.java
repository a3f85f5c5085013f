package io.pciplacement.novaconf;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which expressions are no part of what Python and RE2 share; NovaAnswersTest has those that are. */
class PortableRegexTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Python refuses them.
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
                // RE2 refuses them.
                "(?=8)",
                "(8)\\1",
                "8\\Z",
                "8++",
                "(?P=a)",
                "(?#a)",
                "a{1001}",
                // They mean different things, or will one day.
                "8{,1}",
                "[a--b]",
                "[a&&b]",
                "[a||b]",
                "[a~~b]",
                "[[a]",
                "[\\b]",
                // No expression for either.
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
    void anything_else_is_refused(String regex) {
        assertThat(PortableRegex.accepts(regex)).isFalse();
    }
}
