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
 * Parser of {@code [pci]alias}: makes of each name the requests of a PciAllocation that ask for the same. Several are
 * alternatives, of which Nova gives any: an alias may be written several times, and one without {@code device_type} is
 * any device but a PF.
 */
final class AliasParser {

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

    private static final Map<String, Set<String>> ALLOWED = Map.of(
            "capability_type", Set.of("pci"),
            "device_type", Set.of("type-PCI", "type-PF", "type-VF"),
            "numa_policy", Set.of("required", "preferred", "legacy", "socket"));

    /** Nova has no device of any other type for an alias that names none. */
    private static final List<DeviceType> TYPES_OF_NONE = List.of(DeviceType.PCI, DeviceType.VF);

    /** {@code ^([\da-fA-F]{4})$} of Python, which means digits of any script, and a line end after them. */
    private static final Pattern NOVAS_ID = Pattern.compile("[\\p{Nd}A-Fa-f]{4}\n?");

    private static final Pattern ID = Pattern.compile("[0-9A-Fa-f]{4}");
    private static final int MAX_ALIAS = 256;
    private static final int MAX_REQUEST_NAME = 63;

    /** The aliases of one name, as Nova keeps them: policy and type are the first's. */
    private static final class Group {

        private final String policy;
        private final @Nullable String type;
        private final List<Diagnostic> from = new ArrayList<>();
        private final List<String> requests = new ArrayList<>();

        Group(JsonNode first) {
            this.policy = policy(first);
            this.type = text(first, "device_type");
        }

        void add(NovaPciOptions.RawEntry said) throws UntranslatableException {
            if (!from.isEmpty()) {
                if (type == null || !type.equals(text(said.object(), "device_type"))) {
                    throw UntranslatableException.byNovaToo(
                            "alias: several of one name must all have the same device_type, and may not be without");
                }
                if (!policy.equals(policy(said.object()))) {
                    throw UntranslatableException.byNovaToo(
                            "alias: several of one name must all have the same numa_policy");
                }
            }
            requests.addAll(requests(said.object()));
            from.add(new Diagnostic(said.place(), "", said.toString()));
        }

        ImportResult.Alias alias() {
            return new ImportResult.Alias(
                    from, requests, policy.equals("socket") ? "numa_policy socket has no equal here" : "");
        }
    }

    private AliasParser() {}

    static List<ImportResult.Alias> read(List<NovaPciOptions.RawEntry> aliases, List<Diagnostic> refused) {
        Map<String, Group> groups = new LinkedHashMap<>();
        for (NovaPciOptions.RawEntry said : aliases) {
            try {
                check(said.object());
                String name = PythonLiterals.strip(said.object().path("name").textValue());
                Group group = groups.get(name);
                if (group == null) {
                    group = new Group(said.object());
                }
                group.add(said);
                groups.put(name, group);
            } catch (UntranslatableException e) {
                refused.add(new Diagnostic(said.place(), e.why(), said.toString()));
            }
        }
        return groups.values().stream().map(Group::alias).toList();
    }

    /** What Nova's own schema of an alias asks for. */
    private static void check(JsonNode alias) throws UntranslatableException {
        TreeSet<String> unknown = new TreeSet<>();
        alias.fieldNames().forEachRemaining(unknown::add);
        unknown.removeAll(KNOWN);
        if (!unknown.isEmpty()) {
            throw UntranslatableException.byNovaToo("alias: there is no such thing as " + String.join(", ", unknown));
        }
        for (String key : new TreeSet<>(KNOWN)) {
            if (alias.has(key) && !alias.get(key).isTextual()) {
                throw UntranslatableException.byNovaToo("alias: %s: %s must be a text".formatted(key, alias.get(key)));
            }
        }
        String name = alias.path("name").asText();
        if (name.isEmpty()) {
            throw UntranslatableException.byNovaToo("alias: it has no name");
        }
        if (name.codePointCount(0, name.length()) > MAX_ALIAS) {
            throw UntranslatableException.byNovaToo(
                    "alias: its name is longer than %d characters".formatted(MAX_ALIAS));
        }
        for (String key : new TreeSet<>(ALLOWED.keySet())) {
            Set<String> allowed = ALLOWED.getOrDefault(key, Set.of());
            if (alias.has(key) && !allowed.contains(alias.path(key).asText())) {
                throw UntranslatableException.byNovaToo("alias: %s: '%s' is none of %s"
                        .formatted(key, alias.path(key).asText(), String.join(", ", new TreeSet<>(allowed))));
            }
        }
        for (String key : List.of("vendor_id", "product_id")) {
            String id = alias.path(key).asText();
            if (alias.has(key) && !NOVAS_ID.matcher(id).matches()) {
                throw UntranslatableException.byNovaToo(
                        "alias: %s: '%s' is not four hexadecimal digits".formatted(key, id));
            }
            if (alias.has(key) && !ID.matcher(id).matches()) {
                throw new UntranslatableException(
                        "alias: %s: '%s' is a text that Nova takes and which no device has".formatted(key, id));
            }
        }
        PythonLiterals.strict("alias: live_migratable", alias.get("live_migratable"));
        if (!alias.has("resource_class") && !(alias.has("vendor_id") && alias.has("product_id"))) {
            throw UntranslatableException.byNovaToo(
                    "alias: it has neither resource_class nor both vendor_id and product_id");
        }
    }

    private static String policy(JsonNode alias) {
        return alias.path("numa_policy").asText("legacy");
    }

    private static @Nullable String text(JsonNode alias, String key) {
        return alias.has(key) ? alias.path(key).asText() : null;
    }

    private static List<String> requests(JsonNode alias) throws UntranslatableException {
        Map<String, String> ids = new LinkedHashMap<>();
        copy(alias, "vendor_id", ids, "vendorId");
        copy(alias, "product_id", ids, "productId");
        Map<String, String> rest = new LinkedHashMap<>();
        String resourceClass = alias.path("resource_class").asText();
        if (!resourceClass.isEmpty()) {
            NovaNameRules.ourClass(bounded("resource_class", resourceClass));
            rest.put("resourceClass", quoted(resourceClass));
        } else if (ids.size() < 2) {
            throw new UntranslatableException(
                    "alias: its resource_class is empty, and it has not both vendor_id and product_id");
        }
        Set<String> traits = traits(alias);
        if (alias.has("live_migratable")) {
            if (PythonLiterals.lenient(alias.get("live_migratable"))) {
                traits.add("HW_PCI_LIVE_MIGRATABLE");
            } else {
                rest.put("forbiddenTraits", "[HW_PCI_LIVE_MIGRATABLE]");
            }
        }
        if (traits.size() > TagParser.MAX_TRAITS) {
            throw new UntranslatableException("alias: traits: %d of them, a request takes at most %d"
                    .formatted(traits.size(), TagParser.MAX_TRAITS));
        }
        if (!traits.isEmpty()) {
            rest.put("traits", traits.stream().map(AliasParser::quoted).collect(Collectors.joining(", ", "[", "]")));
        }
        if (alias.has("numa_policy") && !policy(alias).equals("socket")) {
            rest.put("numaPolicy", policy(alias));
        }
        List<String> types = alias.has("device_type")
                ? List.of(alias.path("device_type").asText().replaceFirst("^type-", ""))
                : TYPES_OF_NONE.stream().map(DeviceType::name).toList();
        return types.stream()
                .map(type -> {
                    Map<String, String> request = new LinkedHashMap<>();
                    request.put("name", quoted(name(alias)));
                    request.put("count", "1");
                    request.putAll(ids);
                    request.put("deviceType", type);
                    request.putAll(rest);
                    return request.entrySet().stream()
                            .map(entry -> entry.getKey() + ": " + entry.getValue())
                            .collect(Collectors.joining(", ", "{", "}"));
                })
                .toList();
    }

    private static String name(JsonNode alias) {
        String name = alias.path("name")
                .asText()
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-")
                .replaceAll("^-+|-+$", "");
        return name.isEmpty() ? "devices" : name.substring(0, Math.min(name.length(), MAX_REQUEST_NAME));
    }

    private static Set<String> traits(JsonNode alias) throws UntranslatableException {
        Set<String> traits = new LinkedHashSet<>();
        String text = alias.path("traits").asText();
        if (text.isEmpty()) {
            return traits;
        }
        for (String trait : text.split(",", -1)) {
            if (trait.isEmpty()) {
                throw new UntranslatableException(
                        "alias: traits: nothing between two commas or at an end becomes CUSTOM_ in Nova, which no provider has");
            }
            NovaNameRules.ourTrait(bounded("traits", trait));
            traits.add(trait);
        }
        return traits;
    }

    private static String bounded(String tag, String text) throws UntranslatableException {
        if (text.length() > TagParser.MAX_NAME) {
            throw new UntranslatableException(
                    "alias: %s: longer than %d characters".formatted(tag, TagParser.MAX_NAME));
        }
        return text;
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
