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
    static List<ProviderOperation> operationsFor(
            ObservedProvider observed,
            DesiredProvider.Resolved resolved,
            SortedMap<ResourceClass, Inventory> inventories,
            SortedSet<Trait> traits) {
        List<ProviderOperation> operations = new ArrayList<>();
        boolean newClass = !inventories.keySet().equals(observed.inventories().keySet());
        boolean newTraits = !traits.equals(observed.traits());
        if (newClass && newTraits && !observed.inventories().isEmpty()) {
            operations.add(new ProviderOperation.PutInventories(
                    observed.uuid(), reservedOnly(observed), observed.deviceType()));
        }
        traitChanges(observed, traits).forEach(operations::add);
        inventoryChanges(observed, inventories, resolved.deviceType()).forEach(operations::add);
        return operations;
    }

    /** What is reserved stays so, whatever comes before the next request. */
    private static SortedMap<ResourceClass, Inventory> reservedOnly(ObservedProvider observed) {
        SortedMap<ResourceClass, Inventory> inventories = new TreeMap<>();
        observed.inventories().forEach((resourceClass, inventory) -> {
            if (inventory.reserved() > 0) {
                inventories.put(resourceClass, Inventory.of(inventory.reserved(), inventory.reserved()));
            }
        });
        return inventories;
    }

    static Stream<ProviderOperation> traitChanges(ObservedProvider observed, SortedSet<Trait> traits) {
        return traits.equals(observed.traits())
                ? Stream.of()
                : Stream.of(new ProviderOperation.PutTraits(observed.uuid(), traits));
    }

    static Stream<ProviderOperation> inventoryChanges(
            ObservedProvider observed, SortedMap<ResourceClass, Inventory> inventories, @Nullable DeviceType kind) {
        return inventories.equals(observed.inventories())
                ? Stream.of()
                : Stream.of(new ProviderOperation.PutInventories(observed.uuid(), inventories, kind));
    }
}
