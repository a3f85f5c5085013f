package io.pciplacement.novaconf;

import io.pciplacement.pci.ParseResult;
import io.pciplacement.pci.ParseResult.Success;
import io.pciplacement.placement.NameNormalizer;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where Nova makes another name of what people write than this operator does. */
final class NovaNameRules {

    // Which names are standard ones makes no difference here: both leave those as they are.
    private static final NameNormalizer OURS = new NameNormalizer(Set.of(), Set.of());

    private NovaNameRules() {}

    /** What Nova makes of a name that is not a standard one. What begins with CUSTOM_ is left alone. */
    static String nova(String text) {
        String upper = text.toUpperCase(Locale.ROOT);
        return upper.startsWith(NameNormalizer.CUSTOM_PREFIX)
                ? upper
                : NameNormalizer.CUSTOM_PREFIX + upper.replaceAll("[^0-9A-Z]+", "_");
    }

    static String ours(ParseResult<?> parsed) throws UntranslatableException {
        return switch (parsed) {
            case Success<?>(ResourceClass name) -> name.name();
            case Success<?>(Trait name) -> name.name();
            case Success<?> other -> throw new IllegalStateException(other.toString());
            case ParseResult.Failure<?>(String field, String message) ->
                throw new UntranslatableException(field + ": " + message);
        };
    }

    static String ourClass(String text) throws UntranslatableException {
        return ours(OURS.normalizeResourceClass(text));
    }

    static String ourTrait(String text) throws UntranslatableException {
        return ours(OURS.normalizeTrait(text));
    }

    /** What to write in a nova.conf so that Nova makes the same name. */
    static String forNova(String text, String ours) {
        return nova(text).equals(ours) && text.indexOf(',') < 0 ? text : ours;
    }

    /** What a person should know of a name that Nova makes otherwise. */
    static @Nullable String difference(String tag, String text, String ours) {
        String nova = nova(text);
        return nova.equals(ours)
                ? null
                : "%s: Nova makes %s of '%s', which Placement refuses; here it is %s".formatted(tag, nova, text, ours);
    }
}
