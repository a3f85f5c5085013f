package io.pciplacement;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every feature in docs/evidence/comparison.md names an existing test or file that shows it. */
class ComparisonPageTest {

    private static final Pattern NAMED = Pattern.compile("`([^`]+)`");

    private static Set<String> tests() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches(".*(Test|IT)\\.java"))
                    .map(name -> name.replace(".java", ""))
                    .collect(Collectors.toSet());
        }
    }

    @Test
    void everyFeatureNamesItsTestOrFile() throws IOException {
        Set<String> tests = tests();
        List<String[]> rows = Files.readAllLines(Path.of("docs/evidence/comparison.md")).stream()
                .filter(line -> line.matches("\\| \\d+ \\|.*"))
                .map(line -> line.split(" *\\| *"))
                .toList();
        assertThat(rows)
                .extracting(row -> row[1])
                .containsExactlyElementsOf(Stream.iterate(1, n -> n <= 40, n -> n + 1)
                        .map(String::valueOf)
                        .toList());
        for (String[] row : rows) {
            List<String> named =
                    NAMED.matcher(row[4]).results().map(match -> match.group(1)).toList();
            assertThat(named)
                    .as("row %s", row[1])
                    .allSatisfy(name -> assertThat(tests.contains(name) || Files.exists(Path.of(name)))
                            .as(name)
                            .isTrue());
            switch (row[3]) {
                case "●" -> assertThat(named).as("row %s", row[1]).isNotEmpty();
                case "◐", "○" ->
                    assertThat(row[4].length()).as("row %s", row[1]).isGreaterThan(20);
                default -> assertThat(row[3]).as("row %s", row[1]).isIn("●", "◐", "○");
            }
        }
    }
}
