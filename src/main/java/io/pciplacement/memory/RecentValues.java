package io.pciplacement.memory;

import java.util.function.UnaryOperator;
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
    public T share(T value) {
        return share(value, UnaryOperator.identity());
    }

    /**
     * The same for a value that may be mutable.
     *
     * @param copy makes an equal, immutable copy; called only if the cache has no equal value
     */
    @SuppressWarnings("unchecked")
    public T share(T value, UnaryOperator<T> copy) {
        int hash = value.hashCode();
        int slot = (hash ^ hash >>> 16) & (values.length - 1);
        Object cached = values[slot];
        if (cached != null && value.equals(cached)) {
            return (T) cached;
        }
        T shared = copy.apply(value);
        values[slot] = shared;
        return shared;
    }
}
