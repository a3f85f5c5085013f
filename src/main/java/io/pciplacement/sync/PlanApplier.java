package io.pciplacement.sync;

import io.pciplacement.logging.LogFields;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.ProviderOperation;
import io.pciplacement.sync.cache.PlacementNameRegistry;
import io.pciplacement.sync.cache.ProviderCache;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Carries out the operations of one host's decisions with few requests: providers side by side, and the inventories of
 * several providers last, in one request where the role allows it. So nothing is offered before it is described, and a
 * kill in between leaves providers without inventory, which the next run completes.
 */
final class PlanApplier {

    private final PlacementClient placement;
    private final ProviderCache mirror;
    private final PlacementNameRegistry vocabulary;
    private final ExecutorService pool;

    /** Whether the role has been seen not to allow several inventories in one request. */
    private volatile boolean reshaperForbidden;

    PlanApplier(
            PlacementClient placement, ProviderCache mirror, PlacementNameRegistry vocabulary, ExecutorService pool) {
        this.placement = placement;
        this.mirror = mirror;
        this.vocabulary = vocabulary;
        this.pool = pool;
    }

    /**
     * Carries out all operations; what is done is remembered at once.
     *
     * @return why a provider's operations were not carried out, by the provider's uuid
     * @throws PlacementException where nobody gets through; what was done until then is done
     */
    Map<UUID, PlacementException> apply(List<ProviderDecision> decisions) {
        Map<UUID, PlacementException> failures = new ConcurrentHashMap<>();
        Map<UUID, ProviderOperation.PutInventories> last = new HashMap<>();
        List<Callable<Void>> tasks = new ArrayList<>();
        for (ProviderDecision decision : decisions) {
            List<ProviderOperation> before = decision.operations();
            if (!before.isEmpty() && before.getLast() instanceof ProviderOperation.PutInventories put) {
                last.put(decision.uuid(), put);
                before = before.subList(0, before.size() - 1);
            }
            List<ProviderOperation> first = before;
            if (!first.isEmpty() || !decision.operations().isEmpty()) {
                tasks.add(() -> {
                    attempt(decision.uuid(), decision.name(), failures, () -> {
                        vocabulary.ensure(decision);
                        first.forEach(this::carryOut);
                    });
                    return null;
                });
            }
        }
        runAll(tasks);
        decisions.stream()
                .filter(decision -> failures.get(decision.uuid()) instanceof PlacementException.Rejected)
                // A name that was known may be unknown by now: somebody removed it, or Placement began anew.
                .forEach(vocabulary::forget);
        last.keySet().removeAll(failures.keySet());
        putInventories(last, failures);
        return failures;
    }

    /**
     * Does the work for one provider; where it fails, says so in {@code failures}, or throws if nobody gets through.
     */
    private void attempt(UUID provider, String name, Map<UUID, PlacementException> failures, Runnable work) {
        try (var _ = LogFields.of(Map.of(LogFields.PROVIDER, name))) {
            work.run();
        } catch (PlacementException e) {
            switch (FailureAction.to(e)) {
                case REPLAN, REFUSED -> {
                    mirror.stale(provider);
                    failures.put(provider, e);
                }
                case WAIT -> {
                    mirror.stale(provider);
                    throw e;
                }
            }
        }
    }

    private void carryOut(ProviderOperation operation) {
        switch (operation) {
            case ProviderOperation.Create create -> {
                ResourceProvider made =
                        placement.createProvider(create.provider(), create.name(), Optional.of(create.parent()));
                mirror.put(ObservedProvider.newlyCreated(made));
            }
            case ProviderOperation.Adopt adopt -> {
                // Not before it has our mark is it remembered as ours: else it might be removed as such.
                ObservedProvider marked = adopt.adopted();
                int generation = placement.putTraits(
                        adopt.provider(),
                        new ProviderTraits(adopt.foreignProvider().provider().generation(), marked.traits()));
                mirror.put(marked.withTraits(generation, marked.traits()));
            }
            case ProviderOperation.PutTraits put -> {
                ObservedProvider view = view(put.provider());
                int generation = placement.putTraits(
                        put.provider(), new ProviderTraits(view.provider().generation(), put.traits()));
                mirror.put(view.withTraits(generation, put.traits()));
            }
            case ProviderOperation.PutInventories put -> {
                ObservedProvider view = view(put.provider());
                int generation = placement.putInventories(
                        put.provider(), new ProviderInventories(view.provider().generation(), put.inventories()));
                mirror.put(view.withInventories(generation, put.inventories(), put.deviceType()));
            }
            case ProviderOperation.Delete delete -> {
                placement.deleteProvider(delete.provider());
                mirror.removed(delete.provider());
            }
        }
    }

    private void putInventories(
            Map<UUID, ProviderOperation.PutInventories> puts, Map<UUID, PlacementException> failures) {
        if (puts.size() > 1 && !reshaperForbidden && reshape(puts)) {
            return;
        }
        List<Callable<Void>> tasks = new ArrayList<>();
        puts.forEach((uuid, put) -> tasks.add(() -> {
            String name = mirror.get(uuid)
                    .map(ProviderCache.Entry::view)
                    .map(view -> view.provider().name())
                    .orElseGet(uuid::toString);
            attempt(uuid, name, failures, () -> carryOut(put));
            return null;
        }));
        runAll(tasks);
    }

    /** All inventories in one request; false where they must be written one by one, to find who is in the way. */
    private boolean reshape(Map<UUID, ProviderOperation.PutInventories> puts) {
        Map<UUID, ObservedProvider> views = new HashMap<>();
        Map<UUID, ProviderInventories> inventories = new HashMap<>();
        puts.forEach((uuid, put) -> {
            ObservedProvider view = view(uuid);
            views.put(uuid, view);
            inventories.put(uuid, new ProviderInventories(view.provider().generation(), put.inventories()));
        });
        try {
            placement.reshape(inventories, Map.of());
        } catch (PlacementException.Forbidden e) {
            reshaperForbidden = true;
            return false;
        } catch (PlacementException e) {
            switch (FailureAction.to(e)) {
                case REPLAN, REFUSED -> {
                    return false;
                }
                case WAIT -> {
                    // It may have been carried out although no answer came.
                    puts.keySet().forEach(uuid -> mirror.stale(uuid, 1));
                    throw e;
                }
            }
        }
        puts.forEach((uuid, put) -> {
            ObservedProvider view = Objects.requireNonNull(views.get(uuid));
            int steps = put.inventories().isEmpty() ? 1 : 2;
            mirror.put(view.withInventories(view.provider().generation() + steps, put.inventories(), put.deviceType()));
        });
        return true;
    }

    private ObservedProvider view(UUID uuid) {
        return mirror.get(uuid)
                .map(ProviderCache.Entry::view)
                .orElseThrow(() -> new PlacementException.NotFound("provider " + uuid + " is gone meanwhile"));
    }

    /** Once a task has failed for a reason that concerns all of them, the tasks that have not begun are not tried. */
    private static Callable<Void> unlessAborted(Callable<Void> task, AtomicBoolean aborted) {
        return () -> {
            if (aborted.get()) {
                throw new PlacementException.Unreachable("not tried: a request just before did not get through");
            }
            boolean done = false;
            try {
                task.call();
                done = true;
                return null;
            } finally {
                if (!done) {
                    aborted.set(true);
                }
            }
        };
    }

    /**
     * Runs all tasks and waits for each of them, whatever happens to the others: a write that goes on after this has
     * returned would meet the next plan of the host.
     *
     * @throws PlacementException the first one that concerns all tasks
     */
    private void runAll(List<Callable<Void>> tasks) {
        AtomicBoolean aborted = new AtomicBoolean();
        List<Future<Void>> futures = tasks.stream()
                .map(task -> pool.submit(LogFields.carried(unlessAborted(task, aborted))))
                .toList();
        PlacementException unreachable = null;
        Throwable defect = null;
        for (Future<Void> future : futures) {
            switch (failure(future, futures).orElse(null)) {
                case null -> {}
                case PlacementException e -> unreachable = unreachable == null ? e : unreachable;
                case Throwable e -> defect = defect == null ? e : defect;
            }
        }
        switch (defect) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        }
        if (unreachable != null) {
            throw unreachable;
        }
    }

    /** Waits for a task; empty if it succeeded. An interrupted thread waits for those that have begun, too. */
    private static Optional<Throwable> failure(Future<Void> future, List<Future<Void>> all) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    future.get();
                    return Optional.empty();
                } catch (ExecutionException e) {
                    return Optional.ofNullable(e.getCause());
                } catch (CancellationException e) {
                    return Optional.of(new PlacementException.Unreachable("interrupted while writing to Placement", e));
                } catch (InterruptedException e) {
                    interrupted = true;
                    all.forEach(other -> other.cancel(false));
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
