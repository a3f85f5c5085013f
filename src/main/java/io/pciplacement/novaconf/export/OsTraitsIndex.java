package io.pciplacement.novaconf.export;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Index of the standard traits by the release of os-traits that added them. Nova leaves a trait unchanged only if the
 * os-traits on its host has it; otherwise it derives a name with CUSTOM_.
 */
final class OsTraitsIndex {

    /** The newest release in the index. */
    static final int NEWEST_MINOR = 9;

    private static final int OLDEST_MINOR = 1;
    private static final Pattern STANDARD_FORM =
            Pattern.compile("(?:HW|COMPUTE|STORAGE|MISC|OWNER|ACCELERATOR)_[A-Z0-9_]+");
    private static final Map<String, Integer> MINOR_BY_TRAIT = load();

    private OsTraitsIndex() {}

    private static Map<String, Integer> load() {
        Map<String, Integer> minors = new HashMap<>();
        try (InputStream resource = Objects.requireNonNull(OsTraitsIndex.class.getResourceAsStream("os-traits.txt"))) {
            new String(resource.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split(" ", 2))
                    .forEach(columns ->
                            minors.put(columns[0], columns.length == 1 ? OLDEST_MINOR : Integer.parseInt(columns[1])));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return minors;
    }

    /** Whether the text, as it is written, is a standard trait. */
    static boolean contains(String trait) {
        return MINOR_BY_TRAIT.containsKey(trait);
    }

    /** Message about a trait that this Nova may not know, or that no known os-traits has; null if Nova knows it. */
    static @Nullable String describeUnknown(String trait, NovaVersion version) {
        Integer minor = MINOR_BY_TRAIT.get(trait);
        if (minor == null) {
            return STANDARD_FORM.matcher(trait).matches()
                    ? ("trait %s is in no os-traits up to 3.%d.0. An os-traits without it makes Nova report CUSTOM_%s"
                                    + " instead. Correct the name, or install an os-traits that has the trait on the"
                                    + " compute host.")
                            .formatted(trait, NEWEST_MINOR, trait)
                    : null;
        }
        return minor <= version.osTraitsMinor()
                ? null
                : ("trait %s is in os-traits since 3.%d.0, and %s accepts 3.%d.0. An os-traits without it makes Nova"
                                + " report CUSTOM_%s instead. Install os-traits 3.%d.0 or newer on the compute host.")
                        .formatted(trait, minor, version, version.osTraitsMinor(), trait, minor);
    }
}
