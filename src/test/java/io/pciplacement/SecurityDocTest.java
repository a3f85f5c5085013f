package io.pciplacement;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every measure in docs/SECURITY.md names existing tests that verify it. */
class SecurityDocTest {

    private static final Pattern TEST = Pattern.compile("\\b[A-Z][A-Za-z0-9]*(?:Test|IT)\\b");

    private static Set<String> tests() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".java"))
                    .map(name -> name.substring(0, name.length() - ".java".length()))
                    .collect(Collectors.toSet());
        }
    }

    private static List<String> namedTests(String text) {
        return TEST.matcher(text).results().map(MatchResult::group).toList();
    }

    @Test
    void everyMeasureNamesATest() throws IOException {
        String page = Files.readString(Path.of("docs/SECURITY.md"));
        String measures = page.substring(page.indexOf("## Threat model"), page.indexOf("## Remaining risks"));
        List<String> points = Stream.of(measures.split("\n- ")).skip(1).toList();
        assertThat(points)
                .hasSizeGreaterThan(10)
                .allSatisfy(point -> assertThat(namedTests(point)).as(point).isNotEmpty());
    }

    @Test
    void namedTestsExist() throws IOException {
        assertThat(namedTests(Files.readString(Path.of("docs/SECURITY.md"))))
                .isNotEmpty()
                .isSubsetOf(tests());
    }
}
