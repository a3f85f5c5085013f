package io.pciplacement.cli.output;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.pciplacement.text.SafeText;
import java.io.PrintWriter;
import picocli.CommandLine.Option;

/** Option for the output format of a subcommand: a table, or JSON or YAML for scripts. */
public final class OutputOptions {

    /** Output formats. */
    enum Format {
        table,
        json,
        yaml
    }

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}",
            defaultValue = "table")
    Format format = Format.table;

    /** Whether the output is JSON or YAML. */
    public boolean isStructured() {
        return format != Format.table;
    }

    /** Prints the value as JSON or YAML if requested; returns whether it did. */
    public boolean printStructured(PrintWriter out, Object value) {
        switch (format) {
            case table -> {
                return false;
            }
            case json -> out.print(toJson(value) + "\n");
            case yaml -> out.print(YamlWriter.toYaml(value));
        }
        out.flush();
        return true;
    }

    static String toJson(Object value) {
        // Created on demand, because most calls print a table.
        JsonMapper mapper = JsonMapper.builder()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .defaultPropertyInclusion(
                        JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
                .build();
        try {
            return SafeText.escapeJson(mapper.writeValueAsString(value));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
