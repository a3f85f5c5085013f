package io.pciplacement.agent;

import java.util.List;

/**
 * The devices that no list can hold, as they are published.
 *
 * @param first the first of them by name
 */
record Skipped(int count, List<String> first) {

    static final String WHY = "not an address that Placement's names can carry (a domain behind a VMD controller?)";

    static final Skipped NONE = new Skipped(0, List.of());

    private static final int NAMED = 16;
    private static final int LONGEST = 32;

    Skipped {
        first = List.copyOf(first);
    }

    static Skipped of(List<String> names) {
        List<String> first = names.stream()
                .limit(NAMED)
                .map(name -> name.length() <= LONGEST ? name : name.substring(0, LONGEST))
                .toList();
        return new Skipped(names.size(), first);
    }
}
