package io.pciplacement.placement;

import io.pciplacement.pci.ParseResult;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Normalizer of the names of resource classes and traits that users write. It follows Nova: a resource class is
 * compared with the standard names in upper case, a trait as it is written.
 *
 * @param resourceClasses names of the standard resource classes of this Placement
 * @param traits names of the standard traits of this Placement
 */
public record NameNormalizer(Set<String> resourceClasses, Set<String> traits) {

    /** Prefix of every name that is not a standard name. */
    public static final String CUSTOM_PREFIX = "CUSTOM_";

    private static final Pattern GENERATED_CLASS = Pattern.compile("CUSTOM_PCI_[0-9A-F]{4}_[0-9A-F]{4}");

    private static final int MAX_LENGTH = 255;

    public NameNormalizer {
        resourceClasses = Set.copyOf(resourceClasses);
        traits = Set.copyOf(traits);
    }

    /**
     * Normalizes the name of a resource class: {@code crypto} becomes CUSTOM_CRYPTO, {@code pgpu} becomes PGPU. Fails
     * if the text has no letter or digit, or if the name is too long.
     */
    public ParseResult<ResourceClass> normalizeResourceClass(String text) {
        String upper = text.toUpperCase(Locale.ROOT);
        if (resourceClasses.contains(upper)) {
            return ParseResult.success(new ResourceClass(upper));
        }
        return switch (toCustomName("resourceClass", text, upper)) {
            case ParseResult.Success<String>(String name) -> ParseResult.success(new ResourceClass(name));
            case ParseResult.Failure<String>(String field, String message) -> ParseResult.failure(field, message);
        };
    }

    /**
     * Normalizes the name of a trait: {@code pf-white} becomes CUSTOM_PF_WHITE, {@code HW_NIC_SRIOV} is unchanged.
     * Fails for the same reasons as for a resource class.
     */
    public ParseResult<Trait> normalizeTrait(String text) {
        if (traits.contains(text)) {
            return ParseResult.success(new Trait(text));
        }
        return switch (toCustomName("traits", text, text.toUpperCase(Locale.ROOT))) {
            case ParseResult.Success<String>(String name) -> ParseResult.success(new Trait(name));
            case ParseResult.Failure<String>(String field, String message) -> ParseResult.failure(field, message);
        };
    }

    /** The resource class of devices whose spec does not name one: {@code CUSTOM_PCI_10DE_20B0}. */
    public static ResourceClass generatedResourceClass(int vendorId, int productId) {
        return new ResourceClass("%sPCI_%04X_%04X".formatted(CUSTOM_PREFIX, vendorId, productId));
    }

    /** Whether a resource class has the form of a generated one. */
    public static boolean isGeneratedResourceClass(ResourceClass resourceClass) {
        return GENERATED_CLASS.matcher(resourceClass.name()).matches();
    }

    private static ParseResult<String> toCustomName(String field, String text, String upper) {
        String name = upper.startsWith(CUSTOM_PREFIX) && isLegal(upper)
                ? upper
                : CUSTOM_PREFIX + replaceIllegalCharacters(withoutCustomPrefix(upper));
        if (name.length() > MAX_LENGTH) {
            return ParseResult.failure(
                    field,
                    "'%s' becomes a name of %d characters, Placement allows at most %d"
                            .formatted(text, name.length(), MAX_LENGTH));
        }
        if (name.chars().skip(CUSTOM_PREFIX.length()).allMatch(c -> c == '_')) {
            return ParseResult.failure(
                    field, "'%s' has no letter or digit, so no name can be derived from it".formatted(text));
        }
        return ParseResult.success(name);
    }

    private static String withoutCustomPrefix(String upper) {
        return upper.startsWith(CUSTOM_PREFIX) ? upper.substring(CUSTOM_PREFIX.length()) : upper;
    }

    private static boolean isLegal(String name) {
        return name.chars().allMatch(c -> isLetterOrDigit(c) || c == '_');
    }

    private static boolean isLetterOrDigit(int c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    /** Replaces each sequence of characters other than letters and digits by one underscore. */
    private static String replaceIllegalCharacters(String upper) {
        StringBuilder name = new StringBuilder(upper.length());
        boolean inRun = false;
        for (int i = 0; i < upper.length(); i++) {
            char c = upper.charAt(i);
            if (isLetterOrDigit(c)) {
                name.append(c);
                inRun = false;
            } else if (!inRun) {
                name.append('_');
                inRun = true;
            }
        }
        return name.toString();
    }
}
