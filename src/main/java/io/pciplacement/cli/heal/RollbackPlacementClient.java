package io.pciplacement.cli.heal;

import io.pciplacement.cli.plan.ReadOnlyPlacementClient;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderInventories;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Placement client with an undo log of the updates for one consumer. In a dry run it discards writes instead. A write
 * without a response is logged as well, because Placement may have executed it.
 */
public final class RollbackPlacementClient extends ReadOnlyPlacementClient {

    private final boolean dryRun;
    private final Deque<Update> updates = new ArrayDeque<>();
    private final Map<UUID, Allocation> readAllocations = new HashMap<>();

    /** Entry of the undo log: the state before and after an update. */
    private sealed interface Update {

        record Allocations(Map<UUID, Allocation> before, Map<UUID, Allocation> after) implements Update {}

        record Inventories(UUID provider, ProviderInventories before, ProviderInventories after) implements Update {}
    }

    public RollbackPlacementClient(PlacementClient delegate, boolean dryRun) {
        super(delegate);
        this.dryRun = dryRun;
    }

    /** Clears the undo log: the following updates are for the next consumer. */
    void beginConsumer() {
        updates.clear();
        readAllocations.clear();
    }

    @Override
    public Allocation getAllocation(UUID consumer) {
        Allocation current = delegate.getAllocation(consumer);
        readAllocations.put(consumer, current);
        return current;
    }

    @Override
    public void putAllocations(Map<UUID, Allocation> allocations) {
        if (dryRun) {
            return;
        }
        executeAndRecord(List.of(allocationUpdate(allocations)), () -> {
            delegate.putAllocations(allocations);
            return allocations;
        });
    }

    private Update allocationUpdate(Map<UUID, Allocation> allocations) {
        Map<UUID, Allocation> before = new HashMap<>();
        for (UUID consumer : allocations.keySet()) {
            Allocation known = readAllocations.get(consumer);
            before.put(consumer, known != null ? known : delegate.getAllocation(consumer));
        }
        return new Update.Allocations(before, allocations);
    }

    @Override
    public void reshape(Map<UUID, ProviderInventories> inventories, Map<UUID, Allocation> allocations) {
        if (dryRun) {
            return;
        }
        List<Update> changes = new ArrayList<>();
        inventories.forEach((provider, after) ->
                changes.add(new Update.Inventories(provider, delegate.getInventories(provider), after)));
        // Last in the log and so undone first: the former inventories may not have capacity for the new allocations.
        changes.add(allocationUpdate(allocations));
        executeAndRecord(changes, () -> {
            delegate.reshape(inventories, allocations);
            return allocations;
        });
    }

    @Override
    public int putInventories(UUID provider, ProviderInventories inventories) {
        if (dryRun) {
            return inventories.generation();
        }
        ProviderInventories before = delegate.getInventories(provider);
        return executeAndRecord(
                List.of(new Update.Inventories(provider, before, inventories)),
                () -> delegate.putInventories(provider, inventories));
    }

    private <T> T executeAndRecord(List<Update> recorded, Supplier<T> request) {
        try {
            T response = request.get();
            recorded.forEach(updates::push);
            return response;
        } catch (PlacementException.Unreachable e) {
            recorded.forEach(updates::push);
            throw e;
        }
    }

    /**
     * Undoes the updates since {@link #beginConsumer}, the last one first.
     *
     * @return whether anything had to be undone
     * @throws PlacementException if that fails; updates that are not undone yet stay in the undo log
     */
    boolean rollBack() {
        boolean anyUndone = false;
        while (!updates.isEmpty()) {
            anyUndone |= switch (updates.peek()) {
                case Update.Allocations allocations -> undoAllocations(allocations);
                case Update.Inventories inventories -> undoInventories(inventories);
            };
            updates.pop();
        }
        return anyUndone;
    }

    private boolean undoAllocations(Update.Allocations update) {
        Map<UUID, Allocation> restored = new HashMap<>();
        update.after().forEach((consumer, after) -> {
            Allocation before = update.before().get(consumer);
            Allocation current = delegate.getAllocation(consumer);
            if (before == null || current.resources().equals(before.resources())) {
                return;
            }
            if (!current.resources().equals(after.resources())) {
                throw new PlacementException.GenerationConflict(
                        "another client has changed the allocation of consumer %s in the meantime".formatted(consumer));
            }
            // Placement has deleted a consumer that lost its last allocation.
            Allocation owner = current.generation() == null ? before : current;
            restored.put(
                    consumer,
                    new Allocation(
                            before.resources(),
                            owner.projectId(),
                            owner.userId(),
                            current.generation(),
                            owner.consumerType()));
        });
        if (!restored.isEmpty()) {
            delegate.putAllocations(restored);
        }
        return !restored.isEmpty();
    }

    private boolean undoInventories(Update.Inventories update) {
        ProviderInventories current = delegate.getInventories(update.provider());
        if (current.byClass().equals(update.before().byClass())) {
            return false;
        }
        if (!current.byClass().equals(update.after().byClass())) {
            throw new PlacementException.GenerationConflict(
                    "another client has changed the inventories of provider %s in the meantime"
                            .formatted(update.provider()));
        }
        delegate.putInventories(
                update.provider(),
                new ProviderInventories(current.generation(), update.before().byClass()));
        return true;
    }
}
