package io.pciplacement.novaconf.export;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/** Version of the Nova that reads an export: which tags it knows, and which os-traits it requires at least. */
public enum NovaVersion {
    V30(30, 1, Set.of("managed", "live_migratable", "one_time_use")),
    V31(31, 3, Set.of("one_time_use")),
    V32(32, 5, Set.of()),
    V33(33, 6, Set.of()),
    V34(34, 8, Set.of());

    private final int number;
    private final int osTraitsMinor;
    private final Set<String> unknownTags;

    NovaVersion(int number, int osTraitsMinor, Set<String> unknownTags) {
        this.number = number;
        this.osTraitsMinor = osTraitsMinor;
        this.unknownTags = unknownTags;
    }

    public static Optional<NovaVersion> find(int number) {
        return Arrays.stream(values())
                .filter(version -> version.number == number)
                .findFirst();
    }

    public int number() {
        return number;
    }

    /** The N of the oldest os-traits 3.N that this version accepts. */
    int osTraitsMinor() {
        return osTraitsMinor;
    }

    /** Whether a tag of {@code [pci]device_spec} has an effect; an unknown tag does not stop nova-compute. */
    boolean supportsTag(String tag) {
        return !unknownTags.contains(tag);
    }

    /** Whether an alias may contain the field; nova-api rejects a request with an alias of unknown fields. */
    boolean supportsLiveMigratableAlias() {
        return supportsTag("live_migratable");
    }

    @Override
    public String toString() {
        return "Nova " + number;
    }
}
