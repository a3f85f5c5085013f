package io.pciplacement.novaconf;

import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.placement.NameNormalizer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads what an entry has beside ids and address. */
final class TagParser {

    static final int MAX_NAME = 255;
    static final int MAX_TRAITS = 32;

    private static final Set<String> KNOWN = Set.of(
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

    /** Those that Nova checks itself, or does not keep as strings in its resource tracker. */
    private static final Set<String> NOT_KEPT = Set.of(
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

    DeviceTags read() throws UntranslatableException {
        for (var tag : entry.properties()) {
            if (tag.getValue().isContainerNode() && !NOT_KEPT.contains(tag.getKey())) {
                throw new UntranslatableException(
                        "%s: %s must be a text: nova-compute fails on it whenever it updates the host's resources"
                                .formatted(tag.getKey(), tag.getValue()));
            }
        }
        TreeSet<String> unknown = new TreeSet<>();
        entry.fieldNames().forEachRemaining(unknown::add);
        unknown.removeAll(KNOWN);
        for (String key : unknown) {
            notes.add("%s: %s is kept by nova-compute for its own pools and is nothing to Placement: left out"
                    .formatted(key, entry.get(key)));
        }
        boolean remoteManaged = PythonLiterals.lenient(entry.get("remote_managed"));
        boolean managed = !Boolean.FALSE.equals(strict("managed"));
        boolean liveMigratable = Boolean.TRUE.equals(strict("live_migratable"));
        boolean oneTimeUse = Boolean.TRUE.equals(strict("one_time_use"));
        if (remoteManaged && oneTimeUse) {
            throw new UntranslatableException(
                    "remote_managed is for VFs and one_time_use for whole devices, so no device can be both");
        }
        String network = network();
        if (network != null) {
            hidden("resource_class");
            hidden("traits");
        }
        return new DeviceTags(
                network == null ? resourceClass() : null,
                network == null ? traits() : List.of(),
                network,
                remoteManaged,
                PythonLiterals.lenient(entry.get("trusted")),
                managed,
                liveMigratable,
                oneTimeUse);
    }

    private @Nullable Boolean strict(String tag) throws UntranslatableException {
        return PythonLiterals.strict(tag, entry.get(tag));
    }

    private @Nullable String network() throws UntranslatableException {
        JsonNode value = entry.get("physical_network");
        if (value == null) {
            return null;
        }
        if (PythonLiterals.isNothing(value)) {
            notes.add("physical_network: %s hides nothing: Nova reports these devices to Placement".formatted(value));
            return null;
        }
        if (value.isFloatingPointNumber()) {
            throw new UntranslatableException(
                    "physical_network: %s is a number: write the text that is meant".formatted(value));
        }
        // As str() writes what is no text.
        String text = value.isBoolean() ? value.booleanValue() ? "True" : "False" : value.asText();
        return bounded("physical_network", text);
    }

    private void hidden(String tag) {
        if (!PythonLiterals.isNothing(entry.get(tag))) {
            notes.add("%s: %s is ignored by Nova because of physical_network: left out".formatted(tag, entry.get(tag)));
        }
    }

    private @Nullable String resourceClass() throws UntranslatableException {
        JsonNode value = entry.get("resource_class");
        if (PythonLiterals.isNothing(value) || value == null) {
            return null;
        }
        if (!value.isTextual()) {
            throw UntranslatableException.byNovaToo("resource_class: %s must be a text".formatted(value));
        }
        String text = bounded("resource_class", value.textValue());
        note(NovaNameRules.difference("resource_class", text, NovaNameRules.ourClass(text)));
        return text;
    }

    private List<String> traits() throws UntranslatableException {
        JsonNode value = entry.get("traits");
        if (PythonLiterals.isNothing(value) || value == null) {
            return List.of();
        }
        if (!value.isTextual()) {
            throw UntranslatableException.byNovaToo("traits: %s must be one text, with commas".formatted(value));
        }
        Set<String> traits = new LinkedHashSet<>();
        for (String text : value.textValue().split(",", -1)) {
            if (text.isEmpty()) {
                notes.add(
                        "traits: nothing between two commas or at an end becomes %s in Nova, which Placement refuses: left out"
                                .formatted(NameNormalizer.CUSTOM_PREFIX));
            } else if (traits.add(bounded("traits", text))) {
                String ours = NovaNameRules.ourTrait(text);
                note(NovaNameRules.difference("traits", text, ours));
                if (!text.equals(PythonLiterals.strip(text))) {
                    notes.add("traits: Nova makes an underscore of the blank in '%s': %s".formatted(text, ours));
                }
            }
        }
        if (traits.size() > MAX_TRAITS) {
            throw new UntranslatableException(
                    "traits: %d of them, a PciDeviceSpec takes at most %d".formatted(traits.size(), MAX_TRAITS));
        }
        return new ArrayList<>(traits);
    }

    private static String bounded(String tag, String text) throws UntranslatableException {
        if (text.length() > MAX_NAME) {
            throw new UntranslatableException("%s: longer than %d characters".formatted(tag, MAX_NAME));
        }
        return text;
    }

    private void note(@Nullable String note) {
        if (note != null) {
            notes.add(note);
        }
    }
}
