package io.pciplacement.nova;

import io.pciplacement.pci.Parsed;
import io.pciplacement.placement.Names;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where Nova makes another name of what people write than this operator does. */
final class NovaNames {

    // Which names are standard ones makes no difference here: both leave those as they are.
    private static final Names OURS = new Names(Set.of(), Set.of());

    private NovaNames() {}

    /** What Nova makes of a name that is not a standard one. What begins with CUSTOM_ is left alone. */
    static String nova(String text) {
        String upper = text.toUpperCase(Locale.ROOT);
        return upper.startsWith(Names.CUSTOM) ? upper : Names.CUSTOM + upper.replaceAll("[^0-9A-Z]+", "_");
    }

    static String ours(Parsed<?> parsed) throws Refused {
        return switch (parsed) {
            case Parsed.Ok<?>(ResourceClass name) -> name.name();
            case Parsed.Ok<?>(Trait name) -> name.name();
            case Parsed.Ok<?> other -> throw new IllegalStateException(other.toString());
            case Parsed.Refused<?>(String field, String message) -> throw new Refused(field + ": " + message);
        };
    }

    static String ourClass(String text) throws Refused {
        return ours(OURS.resourceClass(text));
    }

    static String ourTrait(String text) throws Refused {
        return ours(OURS.trait(text));
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
