package io.pciplacement.placement.client;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A value that many threads use, and that one of them makes anew while the others wait for it. */
final class SingleFlight<T> {

    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable T current;
    private @Nullable CompletableFuture<T> making;

    /** The value where there is one that will do, else one that is made from it now, by this thread or another. */
    T get(Predicate<? super T> willDo, Function<@Nullable T, T> make) {
        T seen = current;
        if (seen != null && willDo.test(seen)) {
            return seen;
        }
        CompletableFuture<T> mine = new CompletableFuture<>();
        CompletableFuture<T> others;
        lock.lock();
        try {
            seen = current;
            if (seen != null && willDo.test(seen)) {
                return seen;
            }
            others = making;
            if (others == null) {
                making = mine;
            }
        } finally {
            lock.unlock();
        }
        return others == null ? made(mine, make, seen) : await(others);
    }

    private T made(CompletableFuture<T> mine, Function<@Nullable T, T> make, @Nullable T from) {
        try {
            T value = make.apply(from);
            finish(value);
            mine.complete(value);
            return value;
        } catch (RuntimeException | Error e) {
            // Who waits shares the failure, instead of trying one after the other.
            finish(from);
            mine.completeExceptionally(e);
            throw e;
        }
    }

    private void finish(@Nullable T value) {
        lock.lock();
        try {
            current = value;
            making = null;
        } finally {
            lock.unlock();
        }
    }

    private static <T> T await(CompletableFuture<T> others) {
        try {
            return others.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    @Nullable T current() {
        return current;
    }
}
