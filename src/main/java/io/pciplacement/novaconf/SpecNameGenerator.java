package io.pciplacement.novaconf;

import io.pciplacement.api.v1alpha1.PciDeviceSpecSpec.SelectorSpec;
import io.pciplacement.placement.NameNormalizer;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** Generator of spec names from tags and selectors. Deterministic: the same file results in the same names. */
final class SpecNameGenerator {

    private static final int MAX_LENGTH = 200;

    private final String prefix;
    private final Map<String, Integer> usedNames = new HashMap<>();

    SpecNameGenerator(String prefix) {
        this.prefix = prefix;
    }

    String generateName(List<DeviceSpecEntry> group) {
        String base = "%s-%s".formatted(prefix, toSlug(describeEntry(group.getFirst())));
        base = base.substring(0, Math.min(base.length(), MAX_LENGTH)).replaceFirst("-+$", "");
        // A base name that ends in a number may equal a numbered name.
        String name = base;
        for (int number = 2; usedNames.putIfAbsent(name, 1) != null; number++) {
            name = "%s-%d".formatted(base, number);
        }
        return name;
    }

    private static String describeEntry(DeviceSpecEntry entry) {
        DeviceTags tags = entry.tags();
        if (tags.resourceClass() != null) {
            String upper = tags.resourceClass().toUpperCase(Locale.ROOT);
            return upper.startsWith(NameNormalizer.CUSTOM_PREFIX)
                    ? upper.substring(NameNormalizer.CUSTOM_PREFIX.length())
                    : upper;
        }
        SelectorSpec selector = entry.selector();
        String ids = Objects.requireNonNullElse(selector.vendorId(), "any")
                + "-"
                + Objects.requireNonNullElse(selector.productId(), "any");
        String what = selector.vendorId() != null || selector.productId() != null
                ? "pci-" + ids
                : selector.address() != null ? selector.address() : "addresses";
        return tags.physicalNetwork() != null ? tags.physicalNetwork() : what;
    }

    private static String toSlug(String text) {
        String slug = text.toLowerCase(Locale.ROOT)
                .replace("*", "any")
                .replaceAll("[^a-z0-9]+", "-")
                .replaceAll("^-+|-+$", "");
        return slug.isEmpty() ? "devices" : slug;
    }
}
