package io.pciplacement.sync.host;

import io.pciplacement.logging.LogFields;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.ProviderOperation;
import io.pciplacement.sync.cache.PlacementNameRegistry;
import io.pciplacement.sync.cache.ProviderCache;
import io.pciplacement.sync.state.FailureAction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Executes the operations of one host's decisions with few requests: providers concurrently, and the inventories of
 * several providers last, in one request if the role allows it. So no inventory is offered before its traits are set,
 * and a crash in between leaves providers without inventory, which the next run completes.
 *
 * <p>Each write has the generation of the state for which it was planned. So Placement rejects it if the provider has
 * changed since then, also if it was changed by this process: a claim may get devices while its host is synced.
 */
public final class PlanApplier {

    private final PlacementClient placement;
    private final ProviderCache providerCache;
    private final PlacementNameRegistry nameRegistry;
    private final ExecutorService pool;

    /** Whether Placement has rejected the reshaper request for this role. */
    private volatile boolean reshaperForbidden;

    public PlanApplier(
            PlacementClient placement,
            ProviderCache providerCache,
            PlacementNameRegistry nameRegistry,
            ExecutorService pool) {
        this.placement = placement;
        this.providerCache = providerCache;
        this.nameRegistry = nameRegistry;
        this.pool = pool;
    }

    /**
     * Executes all operations and updates the cache after each.
     *
     * @param observed the existing providers as they were when the decisions were made, by UUID
     * @return the failures, by the UUID of the provider
     * @throws PlacementException if Placement cannot be used; operations that were executed before are not rolled back
     */
    Map<UUID, PlacementException> executeOperations(
            List<ProviderDecision> decisions, Map<UUID, ObservedProvider> observed) {
        Map<UUID, ObservedProvider> states = new ConcurrentHashMap<>(observed);
        Map<UUID, PlacementException> failures = new ConcurrentHashMap<>();
        Map<UUID, ProviderOperation.PutInventories> inventoryUpdates = new HashMap<>();
        List<Callable<Void>> tasks = new ArrayList<>();
        for (ProviderDecision decision : decisions) {
            List<ProviderOperation> remaining = decision.operations();
            if (!remaining.isEmpty() && remaining.getLast() instanceof ProviderOperation.PutInventories put) {
                inventoryUpdates.put(decision.uuid(), put);
                remaining = remaining.subList(0, remaining.size() - 1);
            }
            List<ProviderOperation> preparatory = remaining;
            if (!decision.operations().isEmpty()) {
                tasks.add(() -> {
                    attemptProvider(decision.uuid(), decision.name(), failures, () -> {
                        nameRegistry.ensureExists(decision);
                        preparatory.forEach(operation -> executeOperation(operation, states));
                    });
                    return null;
                });
            }
        }
        runTasks(tasks);
        decisions.stream()
                .filter(decision -> failures.get(decision.uuid()) instanceof PlacementException.Rejected)
                // A cached name may have been removed by an administrator, or the database of Placement may have been
                // reset.
                .forEach(nameRegistry::forgetNames);
        inventoryUpdates.keySet().removeAll(failures.keySet());
        putInventories(inventoryUpdates, states, failures);
        return failures;
    }

    /**
     * Runs the work for one provider. A failure is added to {@code failures}, or thrown if Placement cannot be used.
     */
    private void attemptProvider(UUID provider, String name, Map<UUID, PlacementException> failures, Runnable work) {
        try (var _ = LogFields.withFields(Map.of(LogFields.PROVIDER, name))) {
            work.run();
        } catch (PlacementException e) {
            switch (FailureAction.forException(e)) {
                case REPLAN, GIVE_UP -> {
                    providerCache.invalidate(provider);
                    failures.put(provider, e);
                }
                case WAIT -> {
                    providerCache.invalidate(provider);
                    throw e;
                }
            }
        }
    }

    /** @param states the state of each provider after the operations so far, by UUID */
    private void executeOperation(ProviderOperation operation, Map<UUID, ObservedProvider> states) {
        switch (operation) {
            case ProviderOperation.Create create -> {
                ObservedProvider created = ObservedProvider.newlyCreated(
                        placement.createProvider(create.provider(), create.name(), Optional.of(create.parent())));
                providerCache.putObserved(created);
                states.put(create.provider(), created);
            }
            case ProviderOperation.Adopt adopt -> {
                // Cached only once it has the operator's trait: otherwise it might be removed as the operator's own.
                ObservedProvider marked = adopt.adopted();
                int generation = placement.putTraits(
                        adopt.provider(),
                        new ProviderTraits(adopt.foreignProvider().provider().generation(), marked.traits()));
                ObservedProvider adopted = marked.withTraits(generation, marked.traits());
                providerCache.putObserved(adopted);
                states.put(adopt.provider(), adopted);
            }
            case ProviderOperation.PutTraits put -> {
                ObservedProvider before = stateOf(put.provider(), states);
                int generation = placement.putTraits(
                        put.provider(), new ProviderTraits(before.provider().generation(), put.traits()));
                recordWrite(before, before.withTraits(generation, put.traits()), states);
            }
            case ProviderOperation.PutInventories put -> {
                ObservedProvider before = stateOf(put.provider(), states);
                int generation = placement.putInventories(
                        put.provider(),
                        new ProviderInventories(before.provider().generation(), put.inventories()));
                recordWrite(before, before.withInventories(generation, put.inventories(), put.deviceType()), states);
            }
            case ProviderOperation.Delete delete -> {
                placement.deleteProvider(delete.provider());
                providerCache.removeDeleted(delete.provider());
            }
        }
    }

    private static ObservedProvider stateOf(UUID uuid, Map<UUID, ObservedProvider> states) {
        return Objects.requireNonNull(states.get(uuid), "a provider that is neither created, adopted nor observed");
    }

    private void recordWrite(ObservedProvider before, ObservedProvider written, Map<UUID, ObservedProvider> states) {
        states.put(written.uuid(), written);
        providerCache.replaceObserved(before, written);
    }

    private void putInventories(
            Map<UUID, ProviderOperation.PutInventories> puts,
            Map<UUID, ObservedProvider> states,
            Map<UUID, PlacementException> failures) {
        if (puts.size() > 1 && !reshaperForbidden && reshapeInventories(puts, states)) {
            return;
        }
        List<Callable<Void>> tasks = new ArrayList<>();
        puts.forEach((uuid, put) -> tasks.add(() -> {
            attemptProvider(uuid, stateOf(uuid, states).name(), failures, () -> executeOperation(put, states));
            return null;
        }));
        runTasks(tasks);
    }

    /**
     * Writes all inventories in one request. Returns false if they must be written one by one, to find the one that is
     * rejected.
     */
    private boolean reshapeInventories(
            Map<UUID, ProviderOperation.PutInventories> puts, Map<UUID, ObservedProvider> states) {
        Map<UUID, ProviderInventories> inventories = new HashMap<>();
        puts.forEach((uuid, put) -> inventories.put(
                uuid, new ProviderInventories(stateOf(uuid, states).provider().generation(), put.inventories())));
        try {
            placement.reshape(inventories, Map.of());
        } catch (PlacementException.Forbidden e) {
            reshaperForbidden = true;
            return false;
        } catch (PlacementException e) {
            switch (FailureAction.forException(e)) {
                case REPLAN, GIVE_UP -> {
                    return false;
                }
                case WAIT -> {
                    // The request may have been executed although no response arrived.
                    puts.keySet().forEach(uuid -> providerCache.invalidate(uuid, 1));
                    throw e;
                }
            }
        }
        puts.forEach((uuid, put) -> {
            ObservedProvider before = stateOf(uuid, states);
            int steps = put.inventories().isEmpty() ? 1 : 2;
            recordWrite(
                    before,
                    before.withInventories(before.provider().generation() + steps, put.inventories(), put.deviceType()),
                    states);
        });
        return true;
    }

    /** Wraps a task so that it is not started after another one has failed for a reason that concerns all tasks. */
    private static Callable<Void> unlessAborted(Callable<Void> task, AtomicBoolean aborted) {
        return () -> {
            if (aborted.get()) {
                throw new PlacementException.Unreachable("not attempted: the previous request failed");
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
     * Runs all tasks and waits for each of them, even if others fail: a write that continues after this method has
     * returned could conflict with the next plan of the host.
     *
     * @throws PlacementException the first one that concerns all tasks
     */
    private void runTasks(List<Callable<Void>> tasks) {
        AtomicBoolean aborted = new AtomicBoolean();
        PlacementException unreachable = null;
        Throwable defect = null;
        for (Future<Void> future : invokeAll(tasks.stream()
                .map(task -> LogFields.withCurrentFields(unlessAborted(task, aborted)))
                .toList())) {
            switch (future.state() == Future.State.FAILED ? future.exceptionNow() : null) {
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

    private List<Future<Void>> invokeAll(List<Callable<Void>> tasks) {
        try {
            return pool.invokeAll(tasks);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PlacementException.Unreachable("interrupted while writing to Placement", e);
        }
    }
}
