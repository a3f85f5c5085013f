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
final class ProviderOperations {

    private ProviderOperations() {}

    /**
     * Traits come before an inventory that is new, so that nothing is offered before it is described; and where both
     * change, nothing is offered in between.
     */
    static List<ProviderOperation> of(
            ObservedProvider view,
            DesiredProvider.Resolved wanted,
            SortedMap<ResourceClass, Inventory> inventories,
            SortedSet<Trait> traits) {
        List<ProviderOperation> operations = new ArrayList<>();
        boolean newClass = !inventories.keySet().equals(view.inventories().keySet());
        boolean newTraits = !traits.equals(view.traits());
        if (newClass && newTraits && !view.inventories().isEmpty()) {
            operations.add(new ProviderOperation.PutInventories(view.uuid(), offeringNothing(view), view.countedAs()));
        }
        traits(view, traits).forEach(operations::add);
        inventories(view, inventories, wanted.deviceType()).forEach(operations::add);
        return operations;
    }

    /** What is reserved stays so, whatever comes before the next request. */
    private static SortedMap<ResourceClass, Inventory> offeringNothing(ObservedProvider view) {
        SortedMap<ResourceClass, Inventory> inventories = new TreeMap<>();
        view.inventories().forEach((resourceClass, inventory) -> {
            if (inventory.reserved() > 0) {
                inventories.put(resourceClass, Inventory.of(inventory.reserved(), inventory.reserved()));
            }
        });
        return inventories;
    }

    static Stream<ProviderOperation> traits(ObservedProvider view, SortedSet<Trait> traits) {
        return traits.equals(view.traits())
                ? Stream.of()
                : Stream.of(new ProviderOperation.PutTraits(view.uuid(), traits));
    }

    static Stream<ProviderOperation> inventories(
            ObservedProvider view, SortedMap<ResourceClass, Inventory> inventories, @Nullable DeviceType kind) {
        return inventories.equals(view.inventories())
                ? Stream.of()
                : Stream.of(new ProviderOperation.PutInventories(view.uuid(), inventories, kind));
    }
}
