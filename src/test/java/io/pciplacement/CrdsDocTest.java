package io.pciplacement;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code kubectl explain} describes every field and column of the custom resources, and docs/crds.md lists them. */
class CrdsDocTest {

    private static final Path PAGE = Path.of("docs/crds.md");

    /** A description is a few sentences; complete procedures belong in the documentation. */
    private static final int MAX_LENGTH = 600;

    @Test
    void fieldsHaveDescriptions() throws IOException {
        for (JsonNode definition : CrdsPage.definitions()) {
            List<CrdsPage.Field> fields = CrdsPage.fields(definition);
            assertThat(fields)
                    .hasSizeGreaterThan(30)
                    .allSatisfy(field -> assertThat(field.description())
                            .as("%s %s", definition.at("/spec/names/kind").asText(), field.path())
                            .isNotBlank()
                            .hasSizeLessThanOrEqualTo(MAX_LENGTH)
                            .endsWith("."));
        }
    }

    @Test
    void columnsHaveDescriptions() throws IOException {
        for (JsonNode definition : CrdsPage.definitions()) {
            assertThat(CrdsPage.columns(definition))
                    .isNotEmpty()
                    .allSatisfy(column -> assertThat(column.path("description").asText())
                            .as(
                                    "%s %s",
                                    definition.at("/spec/names/kind").asText(),
                                    column.path("name").asText())
                            .endsWith("."));
        }
    }

    @Test
    void pageIsGeneratedFromCrds() throws IOException {
        String page = CrdsPage.page();
        if (Boolean.getBoolean("crds.write")) {
            Files.writeString(PAGE, page);
        }
        assertThat(Files.readString(PAGE))
                .as("mvn test -Dtest=CrdsDocTest -Dcrds.write=true updates it")
                .isEqualTo(page);
    }
}
