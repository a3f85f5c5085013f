package io.pciplacement.novaconf.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pciplacement.api.v1alpha1.PciDeviceSpecSpec;
import io.pciplacement.novaconf.NovaNameRules;
import io.pciplacement.novaconf.UntranslatableException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writer of the tags of an entry of {@code [pci]device_spec}.
 *
 * @param version the Nova that must write exactly the operator's providers; null to leave all that Nova derives to it
 */
record EntryTagWriter(@Nullable NovaVersion version) {

    private static final String ONE_TIME_USE = "one_time_use";

    /** Effect of each tag that a version of Nova may not know. */
    private static final Map<String, String> EFFECTS = Map.of(
            "managed",
            "libvirt rebinds the driver of the devices",
            "live_migratable",
            "servers with the devices cannot be migrated live",
            ONE_TIME_USE,
            "nova-compute does not reserve a used device");

    void addTags(PciDeviceSpecSpec spec, ObjectNode entry) throws UntranslatableException {
        if (spec.physicalNetwork() != null) {
            entry.put("physical_network", spec.physicalNetwork());
        }
        if (spec.resourceClass() != null) {
            entry.put(
                    "resource_class",
                    NovaNameRules.toNovaConfName(
                            spec.resourceClass(), NovaNameRules.normalizeResourceClass(spec.resourceClass())));
        }
        if (spec.physicalNetwork() == null) {
            putTraits(spec, entry);
        }
        putTagIf(entry, "remote_managed", Boolean.TRUE.equals(spec.remoteManaged()), "true");
        putTagIf(entry, "trusted", Boolean.TRUE.equals(spec.trusted()), "true");
        optionalTags(spec).forEach((tag, value) -> putTagIf(entry, tag, supportsTag(tag), value));
    }

    /** The tags of a spec that this Nova does not know, with the consequence. */
    List<String> describeUnknownTags(PciDeviceSpecSpec spec) {
        List<String> messages = new ArrayList<>();
        optionalTags(spec).keySet().stream()
                .filter(tag -> !supportsTag(tag))
                .forEach(tag -> messages.add("%s does not know the tag %s, so it is not exported: %s."
                        .formatted(version, tag, EFFECTS.get(tag))));
        return messages;
    }

    /** The traits of a spec that this Nova, or the oldest os-traits that it accepts, does not know. */
    List<String> describeUnknownTraits(PciDeviceSpecSpec spec) {
        if (version == null || spec.physicalNetwork() != null) {
            return List.of();
        }
        try {
            List<String> messages = new ArrayList<>();
            for (String trait :
                    TraitListBuilder.ofSpec(spec).addOwnershipTraits().build()) {
                Optional.ofNullable(OsTraitsIndex.describeUnknown(trait, version))
                        .ifPresent(messages::add);
            }
            return messages;
        } catch (UntranslatableException e) {
            return List.of(e.reason());
        }
    }

    private boolean supportsTag(String tag) {
        return version == null || version.supportsTag(tag);
    }

    private static Map<String, String> optionalTags(PciDeviceSpecSpec spec) {
        Map<String, String> tags = new LinkedHashMap<>();
        if (Boolean.FALSE.equals(spec.managed())) {
            tags.put("managed", "no");
        }
        if (Boolean.TRUE.equals(spec.liveMigratable())) {
            tags.put("live_migratable", "yes");
        }
        if (Boolean.TRUE.equals(spec.oneTimeUse())) {
            tags.put(ONE_TIME_USE, "true");
        }
        return tags;
    }

    private void putTraits(PciDeviceSpecSpec spec, ObjectNode entry) throws UntranslatableException {
        List<String> traits = new ArrayList<>();
        if (version != null) {
            traits.addAll(TraitListBuilder.ofSpec(spec).addOwnershipTraits().build());
        } else if (spec.traits() != null) {
            for (String trait : spec.traits()) {
                traits.add(NovaNameRules.toNovaConfName(trait, NovaNameRules.normalizeTrait(trait)));
            }
        }
        if (!traits.isEmpty()) {
            entry.put("traits", String.join(",", traits));
        }
    }

    private static void putTagIf(ObjectNode entry, String tag, boolean condition, String value) {
        if (condition) {
            JsonNode text = JsonNodeFactory.instance.textNode(value);
            entry.set(tag, text);
        }
    }
}
