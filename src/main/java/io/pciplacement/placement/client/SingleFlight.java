package io.pciplacement.placement.client;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Single-flight cache of one value: if it must be recreated, one thread creates it while the others wait. */
final class SingleFlight<T> {

    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable T current;
    private @Nullable CompletableFuture<T> inFlight;

    /** Returns the value if it is valid; otherwise a new one, created from it by this thread or a concurrent one. */
    T getOrCreate(Predicate<? super T> isValid, Function<@Nullable T, T> create) {
        T value = current;
        if (value != null && isValid.test(value)) {
            return value;
        }
        CompletableFuture<T> newFlight = new CompletableFuture<>();
        CompletableFuture<T> existingFlight;
        lock.lock();
        try {
            value = current;
            if (value != null && isValid.test(value)) {
                return value;
            }
            existingFlight = inFlight;
            if (existingFlight == null) {
                inFlight = newFlight;
            }
        } finally {
            lock.unlock();
        }
        return existingFlight == null ? createAndPublish(newFlight, create, value) : awaitResult(existingFlight);
    }

    private T createAndPublish(CompletableFuture<T> flight, Function<@Nullable T, T> create, @Nullable T previous) {
        try {
            T value = create.apply(previous);
            publish(value);
            flight.complete(value);
            return value;
        } catch (RuntimeException | Error e) {
            // Waiting threads get the same failure instead of retrying one after the other.
            publish(previous);
            flight.completeExceptionally(e);
            throw e;
        }
    }

    private void publish(@Nullable T value) {
        lock.lock();
        try {
            current = value;
            inFlight = null;
        } finally {
            lock.unlock();
        }
    }

    private static <T> T awaitResult(CompletableFuture<T> flight) {
        try {
            return flight.join();
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
