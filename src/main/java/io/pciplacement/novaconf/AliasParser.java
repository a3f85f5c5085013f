package io.pciplacement.novaconf;

import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.pci.DeviceType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Parser of {@code [pci]alias}. Translates the aliases of each name to equivalent requests of a PciAllocation. Several
 * requests are alternatives, of which Nova picks any: an alias may be defined several times, and one without
 * {@code device_type} matches any device except a PF.
 */
final class AliasParser {

    private static final Set<String> KNOWN_FIELDS = Set.of(
            "name",
            "capability_type",
            "product_id",
            "vendor_id",
            "device_type",
            "numa_policy",
            "resource_class",
            "traits",
            "live_migratable");

    private static final Map<String, Set<String>> ALLOWED_VALUES = Map.of(
            "capability_type", Set.of("pci"),
            "device_type", Set.of("type-PCI", "type-PF", "type-VF"),
            "numa_policy", Set.of("required", "preferred", "legacy", "socket"));

    /** Device types that Nova considers for an alias without a type. */
    private static final List<DeviceType> DEFAULT_DEVICE_TYPES = List.of(DeviceType.PCI, DeviceType.VF);

    /** Python's {@code ^([\da-fA-F]{4})$}, which accepts digits of any script and a trailing line end. */
    private static final Pattern NOVA_ID = Pattern.compile("[\\p{Nd}A-Fa-f]{4}\n?");

    private static final Pattern HEX_ID = Pattern.compile("[0-9A-Fa-f]{4}");
    private static final int MAX_NAME_LENGTH = 256;
    private static final int MAX_REQUEST_NAME_LENGTH = 63;

    /** The aliases of one name. As in Nova, the policy and the type are those of the first. */
    private static final class Group {

        private final String policy;
        private final @Nullable String type;
        private final List<Diagnostic> sources = new ArrayList<>();
        private final List<String> requests = new ArrayList<>();

        Group(JsonNode first) {
            this.policy = numaPolicyOf(first);
            this.type = findText(first, "device_type");
        }

        void addAlias(NovaPciOptions.RawEntry entry) throws UntranslatableException {
            if (!sources.isEmpty()) {
                if (type == null || !type.equals(findText(entry.object(), "device_type"))) {
                    throw UntranslatableException.alsoRejectedByNova(
                            "alias: all aliases with one name must have the same device_type, and none may omit it");
                }
                if (!policy.equals(numaPolicyOf(entry.object()))) {
                    throw UntranslatableException.alsoRejectedByNova(
                            "alias: all aliases with one name must have the same numa_policy");
                }
            }
            requests.addAll(toRequests(entry.object()));
            sources.add(new Diagnostic(entry.location(), "", entry.toString()));
        }

        ImportResult.Alias toAlias() {
            return new ImportResult.Alias(
                    sources,
                    requests,
                    policy.equals("socket") ? "numa_policy socket has no equivalent in a PciAllocation" : "");
        }
    }

    private AliasParser() {}

    static List<ImportResult.Alias> parseAliases(List<NovaPciOptions.RawEntry> aliases, List<Diagnostic> untranslated) {
        Map<String, Group> groupsByName = new LinkedHashMap<>();
        for (NovaPciOptions.RawEntry entry : aliases) {
            try {
                validateSchema(entry.object());
                String name =
                        PythonLiterals.stripBlanks(entry.object().path("name").textValue());
                Group group = groupsByName.get(name);
                if (group == null) {
                    group = new Group(entry.object());
                }
                group.addAlias(entry);
                groupsByName.put(name, group);
            } catch (UntranslatableException e) {
                untranslated.add(new Diagnostic(entry.location(), e.reason(), entry.toString()));
            }
        }
        return groupsByName.values().stream().map(Group::toAlias).toList();
    }

    /** Validates an alias against Nova's schema. */
    private static void validateSchema(JsonNode alias) throws UntranslatableException {
        TreeSet<String> unknown = new TreeSet<>();
        alias.fieldNames().forEachRemaining(unknown::add);
        unknown.removeAll(KNOWN_FIELDS);
        if (!unknown.isEmpty()) {
            throw UntranslatableException.alsoRejectedByNova("alias: unknown field " + String.join(", ", unknown));
        }
        for (String key : new TreeSet<>(KNOWN_FIELDS)) {
            if (alias.has(key) && !alias.get(key).isTextual()) {
                throw UntranslatableException.alsoRejectedByNova(
                        "alias: %s: %s must be a string".formatted(key, alias.get(key)));
            }
        }
        String name = alias.path("name").asText();
        if (name.isEmpty()) {
            throw UntranslatableException.alsoRejectedByNova("alias: name is missing");
        }
        if (name.codePointCount(0, name.length()) > MAX_NAME_LENGTH) {
            throw UntranslatableException.alsoRejectedByNova(
                    "alias: name is longer than %d characters".formatted(MAX_NAME_LENGTH));
        }
        for (String key : new TreeSet<>(ALLOWED_VALUES.keySet())) {
            Set<String> allowed = ALLOWED_VALUES.getOrDefault(key, Set.of());
            if (alias.has(key) && !allowed.contains(alias.path(key).asText())) {
                throw UntranslatableException.alsoRejectedByNova("alias: %s: '%s' is not one of %s"
                        .formatted(key, alias.path(key).asText(), String.join(", ", new TreeSet<>(allowed))));
            }
        }
        for (String key : List.of("vendor_id", "product_id")) {
            String id = alias.path(key).asText();
            if (alias.has(key) && !NOVA_ID.matcher(id).matches()) {
                throw UntranslatableException.alsoRejectedByNova(
                        "alias: %s: '%s' is not four hexadecimal digits".formatted(key, id));
            }
            if (alias.has(key) && !HEX_ID.matcher(id).matches()) {
                throw new UntranslatableException(
                        "alias: %s: '%s' is accepted by Nova but matches no device".formatted(key, id));
            }
        }
        PythonLiterals.parseStrictBoolean("alias: live_migratable", alias.get("live_migratable"));
        if (!alias.has("resource_class") && !(alias.has("vendor_id") && alias.has("product_id"))) {
            throw UntranslatableException.alsoRejectedByNova(
                    "alias: neither resource_class nor both vendor_id and product_id are set");
        }
    }

    private static String numaPolicyOf(JsonNode alias) {
        return alias.path("numa_policy").asText("legacy");
    }

    private static @Nullable String findText(JsonNode alias, String key) {
        return alias.has(key) ? alias.path(key).asText() : null;
    }

    private static List<String> toRequests(JsonNode alias) throws UntranslatableException {
        Map<String, String> ids = new LinkedHashMap<>();
        copyQuoted(alias, "vendor_id", ids, "vendorId");
        copyQuoted(alias, "product_id", ids, "productId");
        Map<String, String> otherFields = new LinkedHashMap<>();
        String resourceClass = alias.path("resource_class").asText();
        if (!resourceClass.isEmpty()) {
            NovaNameRules.normalizeResourceClass(requireMaxLength("resource_class", resourceClass));
            otherFields.put("resourceClass", quote(resourceClass));
        } else if (ids.size() < 2) {
            throw new UntranslatableException(
                    "alias: resource_class is empty, and vendor_id and product_id are not both set");
        }
        Set<String> traits = parseTraits(alias);
        if (alias.has("live_migratable")) {
            if (PythonLiterals.parseLenientBoolean(alias.get("live_migratable"))) {
                traits.add("HW_PCI_LIVE_MIGRATABLE");
            } else {
                otherFields.put("forbiddenTraits", "[HW_PCI_LIVE_MIGRATABLE]");
            }
        }
        if (traits.size() > TagParser.MAX_TRAITS) {
            throw new UntranslatableException("alias: traits: %d traits exceed the maximum of %d in a request"
                    .formatted(traits.size(), TagParser.MAX_TRAITS));
        }
        if (!traits.isEmpty()) {
            otherFields.put(
                    "traits", traits.stream().map(AliasParser::quote).collect(Collectors.joining(", ", "[", "]")));
        }
        if (alias.has("numa_policy") && !numaPolicyOf(alias).equals("socket")) {
            otherFields.put("numaPolicy", numaPolicyOf(alias));
        }
        List<String> types = alias.has("device_type")
                ? List.of(alias.path("device_type").asText().replaceFirst("^type-", ""))
                : DEFAULT_DEVICE_TYPES.stream().map(DeviceType::name).toList();
        return types.stream()
                .map(type -> {
                    Map<String, String> request = new LinkedHashMap<>();
                    request.put("name", quote(toRequestName(alias)));
                    request.put("count", "1");
                    request.putAll(ids);
                    request.put("deviceType", type);
                    request.putAll(otherFields);
                    return request.entrySet().stream()
                            .map(entry -> entry.getKey() + ": " + entry.getValue())
                            .collect(Collectors.joining(", ", "{", "}"));
                })
                .toList();
    }

    private static String toRequestName(JsonNode alias) {
        String name = alias.path("name")
                .asText()
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-")
                .replaceAll("^-+|-+$", "");
        return name.isEmpty() ? "devices" : name.substring(0, Math.min(name.length(), MAX_REQUEST_NAME_LENGTH));
    }

    private static Set<String> parseTraits(JsonNode alias) throws UntranslatableException {
        Set<String> traits = new LinkedHashSet<>();
        String text = alias.path("traits").asText();
        if (text.isEmpty()) {
            return traits;
        }
        for (String trait : text.split(",", -1)) {
            if (trait.isEmpty()) {
                throw new UntranslatableException(
                        "alias: traits: an empty name becomes CUSTOM_ in Nova, which no provider has");
            }
            NovaNameRules.normalizeTrait(requireMaxLength("traits", trait));
            traits.add(trait);
        }
        return traits;
    }

    private static String requireMaxLength(String tag, String text) throws UntranslatableException {
        if (text.length() > TagParser.MAX_NAME_LENGTH) {
            throw new UntranslatableException(
                    "alias: %s: longer than %d characters".formatted(tag, TagParser.MAX_NAME_LENGTH));
        }
        return text;
    }

    private static void copyQuoted(
            JsonNode alias, String aliasField, Map<String, String> request, String requestField) {
        if (alias.has(aliasField)) {
            request.put(requestField, quote(alias.path(aliasField).asText()));
        }
    }

    private static String quote(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
