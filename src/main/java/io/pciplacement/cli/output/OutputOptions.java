package io.pciplacement.cli.output;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.pciplacement.text.SafeText;
import java.io.PrintWriter;
import picocli.CommandLine.Option;

/** How a verb tells what it found: for the eye, or for a program. */
public final class OutputOptions {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
            .build();

    /** The forms there are. */
    enum Form {
        table,
        json,
        yaml
    }

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORM",
            description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}",
            defaultValue = "table")
    Form form = Form.table;

    /** Prints what is for programs, if that was asked for. */
    public boolean forProgram(PrintWriter out, Object value) {
        switch (form) {
            case table -> {
                return false;
            }
            case json -> out.print(json(value) + "\n");
            case yaml -> out.print(YamlWriter.text(value));
        }
        out.flush();
        return true;
    }

    static String json(Object value) {
        try {
            return SafeText.escapeJson(JSON.writeValueAsString(value));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
