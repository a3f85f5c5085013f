package io.pciplacement.cli.output;

import io.pciplacement.api.v1alpha1.ApiConstants;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.novaconf.Diagnostic;
import io.pciplacement.novaconf.ImportResult;
import io.pciplacement.text.SafeText;
import java.util.LinkedHashMap;
import java.util.Map;

/** Renders the result of an import as manifests. The YAML form contains everything else as comments. */
public record ImportRenderer(ImportResult result) {

    public String renderYaml() {
        StringBuilder text = new StringBuilder();
        for (ImportResult.Spec spec : result.specs()) {
            text.append("---\n");
            spec.from().forEach(from -> appendComment(text, from.place() + ": " + from.text()));
            spec.notes().forEach(note -> appendComment(text, "note, " + note));
            text.append(YamlWriter.toYaml(toManifest(spec.object())));
        }
        if (!result.refused().isEmpty() || !result.aliases().isEmpty()) {
            text.append("---\n");
        }
        for (Diagnostic refused : result.refused()) {
            appendComment(text, "OMITTED: " + refused);
            appendComment(text, "  " + refused.text());
        }
        result.aliases().forEach(alias -> appendAlias(text, alias));
        return text.toString();
    }

    public String renderJson() {
        Map<String, Object> list = new LinkedHashMap<>();
        list.put("apiVersion", "v1");
        list.put("kind", "List");
        list.put(
                "items",
                result.specs().stream().map(spec -> toManifest(spec.object())).toList());
        return OutputOptions.toJson(list) + "\n";
    }

    private static Map<String, Object> toManifest(PciDeviceSpec spec) {
        Map<String, Object> manifest = new LinkedHashMap<>();
        manifest.put("apiVersion", ApiConstants.GROUP + "/" + ApiConstants.VERSION);
        manifest.put("kind", "PciDeviceSpec");
        manifest.put("metadata", Map.of("name", spec.getMetadata().getName()));
        manifest.put("spec", spec.getSpec());
        return manifest;
    }

    private static void appendAlias(StringBuilder text, ImportResult.Alias alias) {
        alias.from().forEach(from -> appendComment(text, "alias, %s: %s".formatted(from.place(), from.text())));
        String difference = alias.difference().isEmpty() ? "" : "; " + alias.difference();
        if (alias.requests().size() == 1) {
            appendComment(
                    text,
                    "  as one of the requests of a PciAllocation: "
                            + alias.requests().getFirst() + difference);
        } else {
            appendComment(
                    text,
                    "  as one of the requests of a PciAllocation: one of these, depending on the devices of the hosts (Nova accepts any)"
                            + difference
                            + ":");
            alias.requests().forEach(request -> appendComment(text, "    " + request));
        }
    }

    /** Appends a comment that content of a nova.conf cannot end: the output is piped into kubectl. */
    private static void appendComment(StringBuilder text, String comment) {
        text.append(SafeText.yamlComment(comment));
    }
}
