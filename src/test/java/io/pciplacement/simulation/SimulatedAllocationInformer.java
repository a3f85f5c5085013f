package io.pciplacement.simulation;

import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.operator.allocation.AllocationIndexEventSource;
import io.pciplacement.operator.allocation.AllocationUpdateFilter;
import io.pciplacement.simulation.InMemoryApiServer.Change;
import io.pciplacement.testing.MapCache;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Simulation of the informer of PciAllocations and of the events of its controller: a change is in the cache first; the
 * index and then the reconciler are notified later.
 */
final class SimulatedAllocationInformer extends MapCache<PciAllocation> {

    private static final AllocationUpdateFilter FILTER = new AllocationUpdateFilter();

    private final Deque<Change> changes;
    private final Map<String, PciAllocation> cached;
    private final Deque<Change> notifications = new ArrayDeque<>();
    /** Objects of which the reconciler was notified; triggers of others are ignored. */
    private final Set<String> known = new HashSet<>();

    private final Consumer<String> reconciler;
    private AllocationIndexEventSource indexEventSource;

    /** @param reconciler takes the names of objects to reconcile */
    SimulatedAllocationInformer(InMemoryApiServer api, Consumer<String> reconciler) {
        this(api, reconciler, new TreeMap<>());
    }

    private SimulatedAllocationInformer(
            InMemoryApiServer api, Consumer<String> reconciler, Map<String, PciAllocation> cached) {
        super(cached);
        this.cached = cached;
        this.changes = api.addFollower();
        this.reconciler = reconciler;
        for (PciAllocation object : api.allocations()) {
            Change change = new Change(Optional.empty(), Optional.of(object));
            cached.put(change.name(), object);
            notifications.add(change);
        }
    }

    void start(AllocationIndexEventSource eventSource) {
        indexEventSource = eventSource;
        eventSource.start();
    }

    /** Triggers an object by name. */
    void trigger(String name) {
        if (known.contains(name)) {
            reconciler.accept(name);
        }
    }

    /** What may happen next; empty if there are no changes. */
    List<Runnable> possibleSteps() {
        List<Runnable> possible = new ArrayList<>();
        if (!changes.isEmpty()) {
            possible.add(this::updateCache);
        }
        if (!notifications.isEmpty()) {
            possible.add(this::notifyController);
        }
        return possible;
    }

    private void updateCache() {
        Change change = changes.remove();
        change.now().ifPresentOrElse(now -> cached.put(change.name(), now), () -> cached.remove(change.name()));
        notifications.add(change);
    }

    private void notifyController() {
        Change change = notifications.remove();
        change.now()
                .ifPresentOrElse(
                        now -> {
                            change.before()
                                    .ifPresentOrElse(
                                            before -> indexEventSource.onResourceUpdated(now, before),
                                            () -> indexEventSource.onResourceCreated(now));
                            known.add(change.name());
                        },
                        () -> {
                            indexEventSource.onResourceDeleted(change.before().orElseThrow());
                            known.remove(change.name());
                        });
        if (passesFilter(change)) {
            reconciler.accept(change.name());
        }
    }

    static boolean passesFilter(Change change) {
        return change.now()
                .map(now -> change.before()
                        .map(before -> FILTER.accept(now, before))
                        .orElse(true))
                .orElse(false);
    }
}
