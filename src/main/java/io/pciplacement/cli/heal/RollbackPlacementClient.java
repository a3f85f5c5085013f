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
 * A Placement that remembers what was written to it for one consumer, so that it can be taken back; or one that only
 * seems to be written to. A write that may have been carried out although no answer came is remembered too.
 */
public final class RollbackPlacementClient extends ReadOnlyPlacementClient {

    private final boolean dry;
    private final Deque<Update> updates = new ArrayDeque<>();
    private final Map<UUID, Allocation> read = new HashMap<>();

    /** One thing that was written, and what was there before. */
    private sealed interface Update {

        record Allocations(Map<UUID, Allocation> before, Map<UUID, Allocation> after) implements Update {}

        record Stock(UUID provider, ProviderInventories before, ProviderInventories after) implements Update {}
    }

    public RollbackPlacementClient(PlacementClient real, boolean dry) {
        super(real);
        this.dry = dry;
    }

    /** From here on another consumer's updates are meant. */
    void begin() {
        updates.clear();
        read.clear();
    }

    @Override
    public Allocation getAllocation(UUID consumer) {
        Allocation present = real.getAllocation(consumer);
        read.put(consumer, present);
        return present;
    }

    @Override
    public void putAllocations(Map<UUID, Allocation> allocations) {
        if (dry) {
            return;
        }
        write(List.of(replacing(allocations)), () -> {
            real.putAllocations(allocations);
            return allocations;
        });
    }

    private Update replacing(Map<UUID, Allocation> allocations) {
        Map<UUID, Allocation> before = new HashMap<>();
        for (UUID consumer : allocations.keySet()) {
            Allocation known = read.get(consumer);
            before.put(consumer, known != null ? known : real.getAllocation(consumer));
        }
        return new Update.Allocations(before, allocations);
    }

    @Override
    public void reshape(Map<UUID, ProviderInventories> inventories, Map<UUID, Allocation> allocations) {
        if (dry) {
            return;
        }
        List<Update> all = new ArrayList<>();
        inventories.forEach(
                (provider, after) -> all.add(new Update.Stock(provider, real.getInventories(provider), after)));
        // Taken back first: the inventories have room for them only as they are then.
        all.add(replacing(allocations));
        write(all, () -> {
            real.reshape(inventories, allocations);
            return allocations;
        });
    }

    @Override
    public int putInventories(UUID provider, ProviderInventories inventories) {
        if (dry) {
            return inventories.generation();
        }
        ProviderInventories before = real.getInventories(provider);
        return write(
                List.of(new Update.Stock(provider, before, inventories)),
                () -> real.putInventories(provider, inventories));
    }

    private <T> T write(List<Update> written, Supplier<T> request) {
        try {
            T answer = request.get();
            written.forEach(updates::push);
            return answer;
        } catch (PlacementException.Unreachable e) {
            written.forEach(updates::push);
            throw e;
        }
    }

    /**
     * Takes back what was written since the beginning, the last first.
     *
     * @return whether there was anything to take back
     * @throws PlacementException where that fails; what is not taken back then stays written
     */
    boolean rollBack() {
        boolean any = false;
        while (!updates.isEmpty()) {
            any |= switch (updates.peek()) {
                case Update.Allocations allocations -> takeBack(allocations);
                case Update.Stock stock -> takeBack(stock);
            };
            updates.pop();
        }
        return any;
    }

    private boolean takeBack(Update.Allocations update) {
        Map<UUID, Allocation> restored = new HashMap<>();
        update.after().forEach((consumer, after) -> {
            Allocation before = update.before().get(consumer);
            Allocation now = real.getAllocation(consumer);
            if (before == null || now.resources().equals(before.resources())) {
                return;
            }
            if (!now.resources().equals(after.resources())) {
                throw new PlacementException.GenerationConflict(
                        "somebody else has changed the allocation of consumer %s meanwhile".formatted(consumer));
            }
            restored.put(
                    consumer,
                    new Allocation(
                            before.resources(), now.projectId(), now.userId(), now.generation(), now.consumerType()));
        });
        if (!restored.isEmpty()) {
            real.putAllocations(restored);
        }
        return !restored.isEmpty();
    }

    private boolean takeBack(Update.Stock update) {
        ProviderInventories now = real.getInventories(update.provider());
        if (now.byClass().equals(update.before().byClass())) {
            return false;
        }
        if (!now.byClass().equals(update.after().byClass())) {
            throw new PlacementException.GenerationConflict(
                    "somebody else has changed the inventories of provider %s meanwhile".formatted(update.provider()));
        }
        real.putInventories(
                update.provider(),
                new ProviderInventories(now.generation(), update.before().byClass()));
        return true;
    }
}
