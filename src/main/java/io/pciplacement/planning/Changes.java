package io.pciplacement.planning;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The operations that make a provider another than it is; none where it is so already. */
final class Changes {

    private Changes() {}

    /**
     * Traits come before an inventory that is new, so that nothing is offered before it is described; and where both
     * change, nothing is offered in between.
     */
    static List<Operation> of(
            ProviderView view,
            ProviderPlan.Wanted wanted,
            SortedMap<ResourceClass, Inventory> inventories,
            SortedSet<Trait> traits) {
        List<Operation> operations = new ArrayList<>();
        boolean newClass = !inventories.keySet().equals(view.inventories().keySet());
        boolean newTraits = !traits.equals(view.traits());
        if (newClass && newTraits && !view.inventories().isEmpty()) {
            operations.add(new Operation.PutInventories(view.uuid(), offeringNothing(view), view.countedAs()));
        }
        traits(view, traits).forEach(operations::add);
        inventories(view, inventories, wanted.deviceType()).forEach(operations::add);
        return operations;
    }

    /** What is reserved stays so, whatever comes before the next request. */
    private static SortedMap<ResourceClass, Inventory> offeringNothing(ProviderView view) {
        SortedMap<ResourceClass, Inventory> inventories = new TreeMap<>();
        view.inventories().forEach((resourceClass, inventory) -> {
            if (inventory.reserved() > 0) {
                inventories.put(resourceClass, Inventory.of(inventory.reserved(), inventory.reserved()));
            }
        });
        return inventories;
    }

    static Stream<Operation> traits(ProviderView view, SortedSet<Trait> traits) {
        return traits.equals(view.traits()) ? Stream.of() : Stream.of(new Operation.PutTraits(view.uuid(), traits));
    }

    static Stream<Operation> inventories(
            ProviderView view, SortedMap<ResourceClass, Inventory> inventories, @Nullable DeviceType kind) {
        return inventories.equals(view.inventories())
                ? Stream.of()
                : Stream.of(new Operation.PutInventories(view.uuid(), inventories, kind));
    }
}
