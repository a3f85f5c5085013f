package io.pciplacement;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of packages in docs/CONTRIBUTING.md is complete. */
class PackagesDocTest {

    private static final Path PAGE = Path.of("docs/CONTRIBUTING.md");
    private static final Path SOURCES = Path.of("src/main/java/io/pciplacement");
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");

    private static Set<String> packages() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            return new TreeSet<>(files.filter(file -> file.endsWith("package-info.java"))
                    .map(file -> SOURCES.relativize(file.getParent()).toString())
                    .toList());
        }
    }

    /** The packages in the first column of a table. A row may contain all subpackages of a package. */
    private static Set<String> documentedPackages(Set<String> existing) throws IOException {
        Set<String> documented = new TreeSet<>();
        for (String line : Files.readString(PAGE)
                .split("## Packages", 2)[1]
                .split("\n## ", 2)[0]
                .split("\n")) {
            if (line.startsWith("| `")) {
                String cell = line.split("\\|")[1];
                List<String> names = CODE.matcher(cell)
                        .results()
                        .map(match -> match.group(1))
                        .toList();
                String first = names.getFirst();
                if (!cell.contains("subpackages")) {
                    documented.addAll(names);
                } else if (names.size() > 1) {
                    documented.add(first);
                    names.stream().skip(1).forEach(name -> documented.add(first + "/" + name));
                } else {
                    existing.stream()
                            .filter(name -> (name + "/").startsWith(first + "/"))
                            .forEach(documented::add);
                }
            }
        }
        return documented;
    }

    @Test
    void tableHasAllPackages() throws IOException {
        Set<String> existing = packages();
        assertThat(existing).isNotEmpty();
        assertThat(documentedPackages(existing)).isEqualTo(existing);
    }
}
