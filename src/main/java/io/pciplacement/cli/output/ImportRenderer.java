package io.pciplacement.cli.output;

import io.pciplacement.api.v1alpha1.ApiConstants;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.novaconf.Diagnostic;
import io.pciplacement.novaconf.ImportResult;
import io.pciplacement.text.SafeText;
import java.util.LinkedHashMap;
import java.util.Map;

/** What was imported, to be applied: as YAML nothing is lost, comments say the rest. */
public record ImportRenderer(ImportResult imported) {

    public String yaml() {
        StringBuilder text = new StringBuilder();
        for (ImportResult.Spec spec : imported.specs()) {
            text.append("---\n");
            spec.sources().forEach(from -> comment(text, from.location() + ": " + from.text()));
            spec.notes().forEach(note -> comment(text, "note, " + note));
            text.append(YamlWriter.text(object(spec.resource())));
        }
        if (!imported.untranslated().isEmpty() || !imported.aliases().isEmpty()) {
            text.append("---\n");
        }
        for (Diagnostic refused : imported.untranslated()) {
            comment(text, "LEFT OUT: " + refused);
            comment(text, "  " + refused.text());
        }
        imported.aliases().forEach(alias -> alias(text, alias));
        return text.toString();
    }

    public String json() {
        Map<String, Object> list = new LinkedHashMap<>();
        list.put("apiVersion", "v1");
        list.put("kind", "List");
        list.put(
                "items",
                imported.specs().stream().map(spec -> object(spec.resource())).toList());
        return OutputOptions.json(list) + "\n";
    }

    private static Map<String, Object> object(PciDeviceSpec spec) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("apiVersion", ApiConstants.GROUP + "/" + ApiConstants.VERSION);
        object.put("kind", "PciDeviceSpec");
        object.put("metadata", Map.of("name", spec.getMetadata().getName()));
        object.put("spec", spec.getSpec());
        return object;
    }

    private static void alias(StringBuilder text, ImportResult.Alias alias) {
        alias.sources().forEach(from -> comment(text, "alias, %s: %s".formatted(from.location(), from.text())));
        String difference = alias.difference().isEmpty() ? "" : "; " + alias.difference();
        if (alias.requests().size() == 1) {
            comment(
                    text,
                    "  as one of the requests of a PciAllocation: "
                            + alias.requests().getFirst() + difference);
        } else {
            comment(
                    text,
                    "  as one of the requests of a PciAllocation, whichever of these the hosts have (Nova takes any)"
                            + difference
                            + ":");
            alias.requests().forEach(request -> comment(text, "    " + request));
        }
    }

    /** What a nova.conf has may end no comment: the output is piped into kubectl. */
    private static void comment(StringBuilder text, String comment) {
        text.append(SafeText.yamlComment(comment));
    }
}
