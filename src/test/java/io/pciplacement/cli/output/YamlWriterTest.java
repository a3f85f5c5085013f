package io.pciplacement.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.PciAllocationSpec.DeviceRef;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.Request;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Quoting of strings that a YAML parser would read as another type. */
class YamlWriterTest {

    @ParameterizedTest
    @ValueSource(strings = {"gpu-07", "CUSTOM_VF", "v1.2", "pciplacement.io/v1alpha1", "nothing", "Yesterday"})
    void wordsAreNotQuoted(String word) {
        assertThat(YamlWriter.toYaml(word)).isEqualTo(word + "\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "15e8",
                "8086",
                "0x10",
                "1_0",
                "2026-01-01",
                "true",
                "No",
                "ON",
                "y",
                "null",
                "",
                "~",
                "a: b",
                "a #b",
                "0000:81:00.0",
                "-",
                "*",
                "{}",
                "&a",
                "a b"
            })
    void otherStringsAreQuoted(String text) {
        assertThat(YamlWriter.toYaml(Map.of("field", text))).isEqualTo("field: \"" + text + "\"\n");
    }

    @Test
    void textOfSeveralLinesIsABlock() {
        assertThat(YamlWriter.toYaml(Map.of("text", "a\n---\nb: \"c\""))).isEqualTo("""
                        text: |-
                          a
                          ---
                          b: "c"
                        """);
    }

    @ParameterizedTest
    @CsvSource({"n,'\"n\": 1'", "15,'\"15\": 1'", "name,name: 1"})
    void namesAreQuotedLikeValues(String name, String expected) {
        assertThat(YamlWriter.toYaml(Map.of(name, 1))).isEqualTo(expected + "\n");
    }

    @Test
    void absentFieldsAreOmittedAndOthersKeepTheirOrder() {
        Map<String, Object> manifest = new LinkedHashMap<>();
        manifest.put("request", new Request("nic", 2, null, "8086", null, null, List.of(), null, null));
        manifest.put("device", new DeviceRef("gpu-07", "0000:81:00.0"));
        manifest.put("incomplete", new DeviceRef("gpu-08", null));
        assertThat(YamlWriter.toYaml(manifest)).isEqualTo("""
                        request:
                          name: nic
                          count: 2
                          vendorId: "8086"
                          traits: []
                        device:
                          node: gpu-07
                          address: "0000:81:00.0"
                        incomplete:
                          node: gpu-08
                        """);
    }

    @Test
    void longStringsAreNotSplit() {
        String text = "word ".repeat(100);
        assertThat(YamlWriter.toYaml(text)).isEqualTo("\"" + text + "\"\n");
    }
}
