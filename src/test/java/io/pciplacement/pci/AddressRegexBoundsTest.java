package io.pciplacement.pci;

import static io.pciplacement.testing.Devices.at;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/** Accepted expressions have small programs and shallow recursion, and the CRD accepts all of them. */
class AddressRegexBoundsTest {

    private static final int ROUNDS = 4_000;

    /** A quarter of the stack size of the operator's threads. */
    private static final long SMALL_STACK = 256 << 10;

    private static final String[] PIECES = {
        "8",
        "a",
        "[0-9a-f]",
        "[^0]",
        ".",
        "\\d",
        "\\W",
        "\\b",
        "^",
        "$",
        "(",
        "(",
        "(?:",
        "(?i)",
        ")",
        ")",
        "|",
        "*",
        "+",
        "?",
        "??",
        "{4}",
        "{0,4}",
        "{2,}",
        "{0,9}",
        "{999}",
        "{",
        "}",
        ",",
        "\\{",
        "\\)",
        "\\p{L}",
        "\\PL",
        "\\",
        "\\Q",
        "\\E",
        "[",
        "]",
        "0{4}",
        ".?",
        ".?.?.?.?",
        "(.?){4}",
        "(a|b)",
        "()",
        "\\x41",
        "é",
        "\n"
    };

    /** Expressions from the documentation, the scenarios, and Nova's documentation and tests. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "8[2-9a-f]",
                ".*",
                "0[1-9]|1[0-2]",
                "0{4}",
                "9.",
                "[1-3]",
                "8",
                "0000$",
                "000[1-9]",
                "3[bc]",
                "(?i)3B",
                "[0-9a-fA-F]{4}",
                "[0-9a-f]{1,4}",
                "02",
                "(0[1-9a-f]|1[0-9a-f])",
                "^8[12]$",
                "[0-2]",
                "0",
                "(?:8|9).",
                "[0-9]{2,}",
                ".",
                "",
                "8\\z"
            })
    void acceptsUsefulExpressions(String regex) throws IOException {
        assertThat(AddressRegex.parse(regex, regex, regex, regex)).isInstanceOf(ParseResult.Success.class);
        assertThat(readSchemaPattern().matcher(regex).matches()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz0123){1000}",
                "(.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?){999}",
                "(.?.?.?.?.?.?.?.?.?.?){269}",
                "a{5}",
                "a{1000}",
                "(?:a{4}){4}",
                "((((((((((((a{4}){4}){4}){4}){4}){4}){4}){4}){4}){4}){4}){4}",
                "[a]{10}",
                "\\p{L}",
                "\\pL",
                "a\\{4}",
                "a{2}{2}"
            })
    void parserAndSchemaRejectExpressionsWithLargePrograms(String regex) throws IOException {
        assertThat(AddressRegex.parse(null, regex, null, null))
                .isInstanceOfSatisfying(ParseResult.Failure.class, failure -> {
                    assertThat(failure.field()).isEqualTo("addressRegex.bus");
                    assertThat(failure.message()).contains(regex);
                });
        assertThat(readSchemaPattern().matcher(regex).matches()).isFalse();
    }

    @Test
    void rejectsLongExpressions() {
        assertThat(AddressRegex.parse("8".repeat(65), null, null, null))
                .isInstanceOfSatisfying(
                        ParseResult.Failure.class,
                        failure -> assertThat(failure.message()).contains("65 characters", "64"));
        assertThat(AddressRegex.parse("8".repeat(64), null, null, null)).isInstanceOf(ParseResult.Success.class);
    }

    @Test
    void acceptedExpressionsHaveSmallProgramsAndRunOnSmallStack() throws Exception {
        java.util.regex.Pattern schema = readSchemaPattern();
        Random random = new Random(18);
        CompletableFuture<Integer> accepted = new CompletableFuture<>();
        Thread small = new Thread(
                null,
                () -> {
                    try {
                        int count = 0;
                        for (int round = 0; round < ROUNDS; round++) {
                            count += checkIfAccepted(randomExpression(random), schema) ? 1 : 0;
                        }
                        accepted.complete(count);
                    } catch (Throwable e) {
                        accepted.completeExceptionally(e);
                    }
                },
                "small stack",
                SMALL_STACK);
        small.start();
        assertThat(accepted.get(2, TimeUnit.MINUTES)).isGreaterThan(ROUNDS / 20);
    }

    private static boolean checkIfAccepted(String regex, java.util.regex.Pattern schema) {
        if (!(AddressRegex.parse(regex, null, regex, null) instanceof ParseResult.Success<AddressRegex> ok)) {
            return false;
        }
        assertThat(schema.matcher(regex).matches()).as(regex).isTrue();
        assertThat(Pattern.compile(regex).programSize()).as(regex).isLessThanOrEqualTo(RegexLimits.MAX_PROGRAM);
        boolean whole = Pattern.compile(regex).matcher("8c4a").lookingAt();
        assertThat(ok.value().canMatchOnBusOf(at("8c4a:00:00.0"))).as(regex).isEqualTo(whole);
        return true;
    }

    private static String randomExpression(Random random) {
        StringBuilder regex = new StringBuilder();
        boolean repeats = random.nextBoolean();
        String piece = PIECES[random.nextInt(PIECES.length)];
        while (regex.length() + piece.length() <= RegexLimits.MAX_LENGTH && random.nextInt(30) > 0) {
            regex.append(piece);
            piece = repeats && random.nextInt(4) > 0 ? piece : PIECES[random.nextInt(PIECES.length)];
        }
        // Usually closes all open groups.
        long open = regex.chars().filter(c -> c == '(').count()
                - regex.chars().filter(c -> c == ')').count();
        for (; open > 0 && random.nextInt(20) > 0; open--) {
            regex.append(')');
        }
        return regex.toString();
    }

    @Test
    void cacheOfProgramsIsBounded() {
        DomainRegexCache programs = new DomainRegexCache(8);
        for (int i = 0; i < 100; i++) {
            String expression = "%02x.*".formatted(i);
            assertThat(programs.matches(expression, i << 8)).isTrue();
            assertThat(programs.matches(expression, (i ^ 1) << 8)).isFalse();
        }
        assertThat(programs.programCount()).isEqualTo(8);
    }

    private static java.util.regex.Pattern readSchemaPattern() throws IOException {
        Object node = new Yaml().load(Files.readString(Path.of("deploy/crds/pcidevicespecs.pciplacement.io.yaml")));
        for (Object key : List.of(
                "spec",
                "versions",
                0,
                "schema",
                "openAPIV3Schema",
                "properties",
                "spec",
                "properties",
                "selectors",
                "items",
                "properties",
                "addressRegex",
                "properties",
                "bus",
                "pattern")) {
            node = key instanceof Integer index ? ((List<?>) node).get(index) : ((Map<?, ?>) node).get(key);
        }
        return java.util.regex.Pattern.compile(String.valueOf(node));
    }
}
