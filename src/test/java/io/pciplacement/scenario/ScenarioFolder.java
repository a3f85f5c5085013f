package io.pciplacement.scenario;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.module.paramnames.ParameterNamesModule;
import io.pciplacement.scenario.Scenario.About;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Parser of scenario directories. Unknown, misspelt, duplicate or misplaced keys and files are errors, so that nothing
 * is silently ignored.
 */
public final class ScenarioFolder {

    static final Path ROOT = Path.of(System.getProperty("basedir", ""), "src/test/resources/scenarios");

    private static final ObjectMapper YAML = YAMLMapper.builder()
            .addModule(new Jdk8Module())
            .addModule(new ParameterNamesModule())
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private ScenarioFolder() {}

    /** Returns all scenarios, ordered by name. */
    public static List<Scenario> all() {
        return children(ROOT).stream()
                .filter(path -> !path.endsWith("README.md"))
                .map(ScenarioFolder::read)
                .toList();
    }

    static Scenario read(Path directory) {
        About about = null;
        List<Step> steps = new ArrayList<>();
        for (Path file : children(directory)) {
            String name = file.getFileName().toString();
            if (name.equals("scenario.yaml")) {
                about = read(file, About.class);
            } else if (name.matches((steps.size() + 1) + "-[a-z0-9-]+\\.yaml")) {
                steps.add(read(file, Step.class));
            } else {
                throw new IllegalArgumentException(
                        file + " is neither scenario.yaml nor step " + (steps.size() + 1) + "-...yaml");
            }
        }
        if (about == null || steps.isEmpty()) {
            throw new IllegalArgumentException(directory + " needs a scenario.yaml and at least one step");
        }
        return new Scenario(directory.getFileName().toString(), about, steps);
    }

    private static <T> T read(Path file, Class<T> type) {
        try {
            return YAML.readValue(file.toFile(), type);
        } catch (IOException | RuntimeException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    private static List<Path> children(Path directory) {
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
