package io.pciplacement.novaconf;

import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.placement.NameNormalizer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Parser of the tags of an entry: everything except ids and address. */
final class TagParser {

    static final int MAX_NAME_LENGTH = 255;
    static final int MAX_TRAITS = 32;

    private static final Set<String> KNOWN_TAGS = Set.of(
            "vendor_id",
            "product_id",
            "address",
            "devname",
            "physical_network",
            "remote_managed",
            "trusted",
            "managed",
            "live_migratable",
            "one_time_use",
            "resource_class",
            "traits");

    /** Tags that Nova validates itself, or does not store as strings in its resource tracker. */
    private static final Set<String> NOT_STORED_AS_STRING = Set.of(
            "vendor_id",
            "product_id",
            "address",
            "devname",
            "managed",
            "live_migratable",
            "one_time_use",
            "resource_class",
            "traits");

    private final JsonNode entry;
    private final List<String> notes;

    TagParser(JsonNode entry, List<String> notes) {
        this.entry = entry;
        this.notes = notes;
    }

    DeviceTags parseTags() throws UntranslatableException {
        for (var tag : entry.properties()) {
            if (tag.getValue().isContainerNode() && !NOT_STORED_AS_STRING.contains(tag.getKey())) {
                throw new UntranslatableException(
                        "%s: %s must be a string: nova-compute fails each time it updates the resources of the host"
                                .formatted(tag.getKey(), tag.getValue()));
            }
        }
        TreeSet<String> unknown = new TreeSet<>();
        entry.fieldNames().forEachRemaining(unknown::add);
        unknown.removeAll(KNOWN_TAGS);
        for (String key : unknown) {
            notes.add("%s: %s is used only for the device pools of nova-compute, not for Placement: omitted"
                    .formatted(key, entry.get(key)));
        }
        boolean remoteManaged = PythonLiterals.parseLenientBoolean(entry.get("remote_managed"));
        boolean managed = !Boolean.FALSE.equals(parseStrictBoolean("managed"));
        boolean liveMigratable = Boolean.TRUE.equals(parseStrictBoolean("live_migratable"));
        boolean oneTimeUse = Boolean.TRUE.equals(parseStrictBoolean("one_time_use"));
        if (remoteManaged && oneTimeUse) {
            throw new UntranslatableException(
                    "remote_managed applies to VFs and one_time_use to whole devices, so no device can have both");
        }
        String network = parsePhysicalNetwork();
        if (network != null) {
            noteIgnoredTag("resource_class");
            noteIgnoredTag("traits");
        }
        return new DeviceTags(
                network == null ? parseResourceClass() : null,
                network == null ? parseTraits() : List.of(),
                network,
                remoteManaged,
                PythonLiterals.parseLenientBoolean(entry.get("trusted")),
                managed,
                liveMigratable,
                oneTimeUse);
    }

    private @Nullable Boolean parseStrictBoolean(String tag) throws UntranslatableException {
        return PythonLiterals.parseStrictBoolean(tag, entry.get(tag));
    }

    private @Nullable String parsePhysicalNetwork() throws UntranslatableException {
        JsonNode value = entry.get("physical_network");
        if (value == null) {
            return null;
        }
        if (PythonLiterals.isFalsy(value)) {
            notes.add("physical_network: %s has no effect: Nova reports these devices to Placement".formatted(value));
            return null;
        }
        if (value.isFloatingPointNumber()) {
            throw new UntranslatableException(
                    "physical_network: %s is a number: write it as a string".formatted(value));
        }
        // As Python's str().
        String text = value.isBoolean() ? value.booleanValue() ? "True" : "False" : value.asText();
        return requireMaxLength("physical_network", text);
    }

    private void noteIgnoredTag(String tag) {
        if (!PythonLiterals.isFalsy(entry.get(tag))) {
            notes.add("%s: %s is ignored by Nova because of physical_network: omitted".formatted(tag, entry.get(tag)));
        }
    }

    private @Nullable String parseResourceClass() throws UntranslatableException {
        JsonNode value = entry.get("resource_class");
        if (PythonLiterals.isFalsy(value) || value == null) {
            return null;
        }
        if (!value.isTextual()) {
            throw UntranslatableException.alsoRejectedByNova("resource_class: %s must be a string".formatted(value));
        }
        String text = requireMaxLength("resource_class", value.textValue());
        addNote(NovaNameRules.describeDifference("resource_class", text, NovaNameRules.normalizeResourceClass(text)));
        return text;
    }

    private List<String> parseTraits() throws UntranslatableException {
        JsonNode value = entry.get("traits");
        if (PythonLiterals.isFalsy(value) || value == null) {
            return List.of();
        }
        if (!value.isTextual()) {
            throw UntranslatableException.alsoRejectedByNova(
                    "traits: %s must be one comma-separated string".formatted(value));
        }
        Set<String> traits = new LinkedHashSet<>();
        for (String text : value.textValue().split(",", -1)) {
            if (text.isEmpty()) {
                notes.add("traits: an empty name becomes %s in Nova, which Placement rejects: omitted"
                        .formatted(NameNormalizer.CUSTOM_PREFIX));
            } else if (traits.add(requireMaxLength("traits", text))) {
                String normalized = NovaNameRules.normalizeTrait(text);
                addNote(NovaNameRules.describeDifference("traits", text, normalized));
                if (!text.equals(PythonLiterals.stripBlanks(text))) {
                    notes.add(
                            "traits: Nova replaces the blank in '%s' by an underscore: %s".formatted(text, normalized));
                }
            }
        }
        if (traits.size() > MAX_TRAITS) {
            throw new UntranslatableException("traits: %d traits exceed the maximum of %d in a PciDeviceSpec"
                    .formatted(traits.size(), MAX_TRAITS));
        }
        return new ArrayList<>(traits);
    }

    private static String requireMaxLength(String tag, String text) throws UntranslatableException {
        if (text.length() > MAX_NAME_LENGTH) {
            throw new UntranslatableException("%s: longer than %d characters".formatted(tag, MAX_NAME_LENGTH));
        }
        return text;
    }

    private void addNote(@Nullable String note) {
        if (note != null) {
            notes.add(note);
        }
    }
}
