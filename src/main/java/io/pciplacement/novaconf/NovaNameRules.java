package io.pciplacement.novaconf;

import io.pciplacement.pci.ParseResult;
import io.pciplacement.pci.ParseResult.Success;
import io.pciplacement.placement.NameNormalizer;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Comparison of the names that Nova and this operator derive from a configured name. */
public final class NovaNameRules {

    // Standard names need no list here: Nova and the operator both leave them unchanged.
    private static final NameNormalizer NORMALIZER = new NameNormalizer(Set.of(), Set.of());

    private NovaNameRules() {}

    /** The name that Nova derives from one that is not standard. Names with the prefix CUSTOM_ are only upper-cased. */
    static String toNovaName(String text) {
        String upper = text.toUpperCase(Locale.ROOT);
        return upper.startsWith(NameNormalizer.CUSTOM_PREFIX)
                ? upper
                : NameNormalizer.CUSTOM_PREFIX + upper.replaceAll("[^0-9A-Z]+", "_");
    }

    static String requireName(ParseResult<?> parsed) throws UntranslatableException {
        return switch (parsed) {
            case Success<?>(ResourceClass name) -> name.name();
            case Success<?>(Trait name) -> name.name();
            case Success<?> other -> throw new IllegalStateException(other.toString());
            case ParseResult.Failure<?>(String field, String message) ->
                throw new UntranslatableException(field + ": " + message);
        };
    }

    public static String normalizeResourceClass(String text) throws UntranslatableException {
        return requireName(NORMALIZER.normalizeResourceClass(text));
    }

    public static String normalizeTrait(String text) throws UntranslatableException {
        return requireName(NORMALIZER.normalizeTrait(text));
    }

    /** The name to write to a nova.conf so that Nova derives the same name as the operator. */
    public static String toNovaConfName(String text, String normalized) {
        return toNovaName(text).equals(normalized) && text.indexOf(',') < 0 ? text : normalized;
    }

    /** Message about a name that Nova derives differently; null if it does not. */
    static @Nullable String describeDifference(String tag, String text, String normalized) {
        String nova = toNovaName(text);
        return nova.equals(normalized)
                ? null
                : "%s: Nova changes '%s' to %s, which Placement rejects; the operator uses %s"
                        .formatted(tag, text, nova, normalized);
    }
}
