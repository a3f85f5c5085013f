package io.pciplacement.nova;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Says of a {@code [pci]alias} with which request a PciAllocation asks for the same. */
final class AliasReader {

    private static final Set<String> KNOWN = Set.of(
            "name",
            "capability_type",
            "product_id",
            "vendor_id",
            "device_type",
            "numa_policy",
            "resource_class",
            "traits",
            "live_migratable");

    private static final Set<String> POLICIES = Set.of("required", "preferred", "legacy");

    private AliasReader() {}

    static String request(JsonNode alias) throws Refused {
        TreeSet<String> unknown = new TreeSet<>();
        alias.fieldNames().forEachRemaining(unknown::add);
        unknown.removeAll(KNOWN);
        if (!unknown.isEmpty()) {
            throw Refused.byNovaToo("alias: there is no such thing as " + String.join(", ", unknown));
        }
        for (String key : KNOWN) {
            if (alias.has(key) && !alias.get(key).isTextual()) {
                throw Refused.byNovaToo("alias: %s: %s must be a text".formatted(key, alias.get(key)));
            }
        }
        String name = alias.path("name").asText();
        if (name.isEmpty()) {
            throw Refused.byNovaToo("alias: it has no name");
        }
        Map<String, String> request = new LinkedHashMap<>();
        request.put("name", quoted(name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-")));
        request.put("count", "1");
        copy(alias, "vendor_id", request, "vendorId");
        copy(alias, "product_id", request, "productId");
        if (alias.has("device_type")) {
            request.put("deviceType", alias.path("device_type").asText().replaceFirst("^type-", ""));
        }
        copy(alias, "resource_class", request, "resourceClass");
        if (!alias.path("traits").asText().isEmpty()) {
            request.put(
                    "traits",
                    Arrays.stream(alias.path("traits").asText().split(","))
                            .map(AliasReader::quoted)
                            .collect(Collectors.joining(", ", "[", "]")));
        }
        if (alias.has("live_migratable")) {
            boolean yes = PythonText.lenient(alias.get("live_migratable"));
            request.merge(
                    yes ? "traits" : "forbiddenTraits",
                    "[HW_PCI_LIVE_MIGRATABLE]",
                    (has, more) -> has.replaceFirst("]$", ", HW_PCI_LIVE_MIGRATABLE]"));
        }
        String policy = alias.path("numa_policy").asText();
        if (POLICIES.contains(policy)) {
            request.put("numaPolicy", policy);
        }
        String rest = policy.isEmpty() || POLICIES.contains(policy)
                ? ""
                : "; numa_policy %s has no equal here".formatted(policy);
        return request.entrySet().stream()
                .map(entry -> entry.getKey() + ": " + entry.getValue())
                .collect(Collectors.joining(", ", "{", "}" + rest));
    }

    private static void copy(JsonNode alias, String from, Map<String, String> request, String to) {
        if (alias.has(from)) {
            request.put(to, quoted(alias.path(from).asText()));
        }
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
