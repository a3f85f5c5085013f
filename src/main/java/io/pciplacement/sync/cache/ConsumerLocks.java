package io.pciplacement.sync.cache;

import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Locks that serialize operations on the same consumers, so that a release cannot be undone by a concurrent sync. */
public final class ConsumerLocks {

    private static final int LOCKS = 64;

    private final List<ReentrantLock> locks =
            Stream.generate(ReentrantLock::new).limit(LOCKS).toList();

    /** Does the work while no other thread works on one of the consumers. */
    public <T> T withLocks(Set<UUID> consumers, Supplier<T> work) {
        // All threads lock in the same order, which prevents deadlocks.
        List<ReentrantLock> chosen = consumers.stream()
                .map(consumer -> Math.floorMod(consumer.hashCode(), LOCKS))
                .distinct()
                .sorted()
                .map(locks::get)
                .toList();
        chosen.forEach(ReentrantLock::lock);
        try {
            return work.get();
        } finally {
            chosen.forEach(ReentrantLock::unlock);
        }
    }
}
