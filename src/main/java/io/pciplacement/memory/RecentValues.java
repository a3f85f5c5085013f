package io.pciplacement.memory;

import org.jspecify.annotations.Nullable;

/**
 * Bounded cache of immutable values by which equal ones are shared; a new value replaces an older one in the same slot.
 * Thread-safe without synchronization: a thread may see the value of another late; then there are two copies for a
 * while. Values must have final fields only, or be reachable through some.
 */
public final class RecentValues<T> {

    private final @Nullable Object[] values;

    /** @param slots maximum number of values, a power of two */
    public RecentValues(int slots) {
        values = new Object[slots];
    }

    /** An equal value that was seen before, if the cache has it; otherwise the value itself. */
    @SuppressWarnings("unchecked")
    public T share(T value) {
        int hash = value.hashCode();
        int slot = (hash ^ hash >>> 16) & (values.length - 1);
        Object cached = values[slot];
        if (cached != null && value.equals(cached)) {
            return (T) cached;
        }
        values[slot] = value;
        return value;
    }
}
