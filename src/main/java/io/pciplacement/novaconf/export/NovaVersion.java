package io.pciplacement.novaconf.export;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** Version of the Nova that reads an export: which tags it knows, and which os-traits it requires at least. */
public enum NovaVersion {
    V30(30, 1),
    V31(31, 3),
    V32(32, 5),
    V33(33, 6),
    V34(34, 8);

    /** The version that introduced a tag; all versions know the others. */
    private static final Map<String, Integer> FIRST_VERSION_OF_TAG =
            Map.of("managed", 31, "live_migratable", 31, "one_time_use", 32);

    private final int number;
    private final int osTraitsMinor;

    NovaVersion(int number, int osTraitsMinor) {
        this.number = number;
        this.osTraitsMinor = osTraitsMinor;
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
        return number >= FIRST_VERSION_OF_TAG.getOrDefault(tag, 0);
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
