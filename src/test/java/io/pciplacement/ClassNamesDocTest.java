package io.pciplacement;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The classes that docs/how-a-sync-works.md names exist in src/main. */
class ClassNamesDocTest {

    private static final Pattern DIAGRAM = Pattern.compile("```mermaid\\n(.*?)```", Pattern.DOTALL);
    private static final Pattern PARTICIPANT = Pattern.compile("participant \\w+ as (\\w+)$", Pattern.MULTILINE);

    /** At least two parts, each with a capital letter: no other word of a diagram has this form. */
    private static final Pattern CAMEL_CASE = Pattern.compile("\\b(?:[A-Z][a-z0-9]+){2,}\\b");

    private static final Pattern CODE = Pattern.compile("`([A-Z][A-Za-z0-9]+)`");

    /** Values of spec.reporting, spec.consumer.managedBy and reasons, which are in code style too. */
    private static final Set<String> OTHER_NAMES = Set.of("External", "Operator");

    private static Set<String> classes() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".java"))
                    .map(name -> name.substring(0, name.length() - ".java".length()))
                    .collect(Collectors.toSet());
        }
    }

    private static Set<String> namedClasses() throws IOException {
        String page = Files.readString(Path.of("docs/how-a-sync-works.md"));
        Set<String> named = new TreeSet<>();
        for (var diagram : DIAGRAM.matcher(page).results().toList()) {
            String text = diagram.group(1);
            PARTICIPANT.matcher(text).results().forEach(match -> named.add(match.group(1)));
            CAMEL_CASE.matcher(text).results().forEach(match -> named.add(match.group()));
        }
        CODE.matcher(DIAGRAM.matcher(page).replaceAll("")).results().forEach(match -> named.add(match.group(1)));
        named.removeAll(OTHER_NAMES);
        return named;
    }

    @Test
    void namedClassesExist() throws IOException {
        Set<String> classes = classes();
        Set<String> named = namedClasses();
        assertThat(named).hasSizeGreaterThan(40);
        List<String> missing =
                named.stream().filter(name -> !classes.contains(name)).toList();
        assertThat(missing).as("classes that docs/how-a-sync-works.md names").isEmpty();
    }
}
