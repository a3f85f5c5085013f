package io.pciplacement.planning.claim;

/**
 * Limit of the steps of searches for devices that satisfy constraints. There is no polynomial algorithm for all
 * constraints, because they can express bin packing. Not thread-safe.
 */
final class SearchLimit {

    private int remaining;

    SearchLimit(int steps) {
        remaining = steps;
    }

    /** Takes one step; false if none remains. */
    boolean takeStep() {
        return remaining-- > 0;
    }

    /** Returns a limit of at most so many steps, which are taken from this one in advance. */
    SearchLimit split(int steps) {
        int granted = Math.clamp(steps, 0, Math.max(0, remaining));
        remaining -= granted;
        return new SearchLimit(granted);
    }

    /** Returns the steps that a part did not use. */
    void giveBack(SearchLimit part) {
        remaining += Math.max(0, part.remaining);
    }
}
