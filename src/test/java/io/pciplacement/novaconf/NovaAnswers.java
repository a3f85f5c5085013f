package io.pciplacement.novaconf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/** What Nova's own code did, from answers.json, which {@code hack/tools/nova-answers} writes. */
public final class NovaAnswers {

    private NovaAnswers() {}

    public static JsonNode read() {
        try {
            return new JsonMapper()
                    .readTree(NovaConfExamples.DIRECTORY.resolve("answers.json").toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The names of the fields of an object, sorted. */
    static List<String> sortedKeys(JsonNode object) {
        return object.properties().stream().map(Map.Entry::getKey).sorted().toList();
    }
}
