package io.pciplacement.placement;

import io.pciplacement.pci.ParseResult;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The standard names that the Placement at hand serves, and how the names that people write become legal ones. As Nova
 * does it: a class is upper-cased before it is held against the standard ones, a trait after.
 *
 * @param resourceClasses the names of the standard resource classes
 * @param traits the names of the standard traits
 */
public record NameNormalizer(Set<String> resourceClasses, Set<String> traits) {

    /** What every name that is not a standard one begins with. */
    public static final String CUSTOM = "CUSTOM_";

    private static final Pattern GENERATED = Pattern.compile("CUSTOM_PCI_[0-9A-F]{4}_[0-9A-F]{4}");

    private static final int MAX_LENGTH = 255;

    public NameNormalizer {
        resourceClasses = Set.copyOf(resourceClasses);
        traits = Set.copyOf(traits);
    }

    /** {@code crypto} becomes CUSTOM_CRYPTO, {@code pgpu} PGPU. Refused: what leaves nothing legal, or too much. */
    public ParseResult<ResourceClass> resourceClass(String text) {
        String upper = text.toUpperCase(Locale.ROOT);
        if (resourceClasses.contains(upper)) {
            return ParseResult.ok(new ResourceClass(upper));
        }
        return switch (custom("resourceClass", text, upper)) {
            case ParseResult.Success<String>(String name) -> ParseResult.ok(new ResourceClass(name));
            case ParseResult.Failure<String>(String field, String message) -> ParseResult.refused(field, message);
        };
    }

    /** {@code pf-white} becomes CUSTOM_PF_WHITE, {@code HW_NIC_SRIOV} stays. Refused as for a resource class. */
    public ParseResult<Trait> trait(String text) {
        if (traits.contains(text)) {
            return ParseResult.ok(new Trait(text));
        }
        return switch (custom("traits", text, text.toUpperCase(Locale.ROOT))) {
            case ParseResult.Success<String>(String name) -> ParseResult.ok(new Trait(name));
            case ParseResult.Failure<String>(String field, String message) -> ParseResult.refused(field, message);
        };
    }

    /** The class of devices that nobody gave one: {@code CUSTOM_PCI_10DE_20B0}. */
    public static ResourceClass generatedClass(int vendorId, int productId) {
        return new ResourceClass("%sPCI_%04X_%04X".formatted(CUSTOM, vendorId, productId));
    }

    /** Whether a class has the name of one that devices are given without a spec's word. */
    public static boolean isGenerated(ResourceClass resourceClass) {
        return GENERATED.matcher(resourceClass.name()).matches();
    }

    private static ParseResult<String> custom(String field, String text, String upper) {
        String name = upper.startsWith(CUSTOM) && isLegal(upper) ? upper : CUSTOM + normalised(stripped(upper));
        if (name.length() > MAX_LENGTH) {
            return ParseResult.refused(
                    field,
                    "'%s' becomes a name of %d characters, Placement takes at most %d"
                            .formatted(text, name.length(), MAX_LENGTH));
        }
        if (name.chars().skip(CUSTOM.length()).allMatch(c -> c == '_')) {
            return ParseResult.refused(field, "'%s' has no letter or digit to make a name of".formatted(text));
        }
        return ParseResult.ok(name);
    }

    private static String stripped(String upper) {
        return upper.startsWith(CUSTOM) ? upper.substring(CUSTOM.length()) : upper;
    }

    private static boolean isLegal(String name) {
        return name.chars().allMatch(c -> isLetterOrDigit(c) || c == '_');
    }

    private static boolean isLetterOrDigit(int c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    /** Every run of characters that are neither letter nor digit becomes one underscore. */
    private static String normalised(String upper) {
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
