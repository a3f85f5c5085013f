package io.pciplacement.cli.input;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Prefetch of the cluster's objects while the command line is parsed: both take a similar time at the start of a JVM,
 * most of it in classes that are initialized once.
 */
public final class ClusterPrefetch {

    /** Subcommands that read all objects of the cluster, unless files replace it. */
    private static final Set<String> READERS = Set.of("status", "plan", "explain", "heal", "audit");

    /** Options with which the cluster is not read. */
    private static final List<String> OTHER_SOURCES = List.of("-f", "--filename", "-h", "--help", "-V", "--version");

    private static final AtomicReference<@Nullable CompletableFuture<ClusterSnapshot>> PREFETCHED =
            new AtomicReference<>();

    private ClusterPrefetch() {}

    /** Whether a command with these arguments will read the cluster. An invalid command line may be among them. */
    public static boolean isUsefulFor(String... args) {
        return args.length > 0
                && READERS.contains(args[0])
                && Arrays.stream(args).noneMatch(arg -> OTHER_SOURCES.stream().anyMatch(arg::startsWith));
    }

    /** Starts to read the cluster in the background. A failure is thrown by {@link ClusterReader#readCluster()}. */
    public static void start() {
        CompletableFuture<ClusterSnapshot> result = new CompletableFuture<>();
        PREFETCHED.set(result);
        Thread.ofPlatform().daemon().name("prefetch").start(() -> {
            try {
                result.complete(ClusterReader.readNow());
            } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
            }
        });
    }

    /** Returns the objects once if a prefetch was started, otherwise empty. */
    static Optional<ClusterSnapshot> takeResult() {
        @Nullable CompletableFuture<ClusterSnapshot> result = PREFETCHED.getAndSet(null);
        if (result == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(result.join());
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw e;
            }
        }
    }
}
