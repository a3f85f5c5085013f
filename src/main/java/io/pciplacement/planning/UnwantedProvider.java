package io.pciplacement.planning;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.planning.finding.Finding;
import io.pciplacement.planning.finding.ProviderRetired;
import io.pciplacement.planning.finding.ReservedByAdministrator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Decisions about providers of the operator whose devices no spec selects any more. A provider in use shrinks to the
 * allocated units. A free one offers nothing and is deleted only if nothing is lost: neither a reservation, nor the
 * record that its device must be cleaned, nor a provider that a compute service has in its cache.
 */
record UnwantedProvider(HostDevices devices, HostProviderTree tree, CleaningRecord cleaning) {

    ProviderDecision decideRemoval(ObservedProvider observed) {
        Optional<PciAddress> address = tree.findAddress(observed.name());
        int reserved = address.map(known -> cleaning.reservedByAdministrator(known, observed))
                .orElseGet(observed::reservedUnits);
        if (observed.usedUnits() > 0) {
            return shrinkToUse(observed, address);
        }
        Optional<Finding> awaitingCleaning = address.filter(known ->
                        cleaning.evaluateExisting(known, false, observed).isPresent())
                .map(known -> new Finding.AwaitingCleaning(observed.name(), known));
        if (awaitingCleaning.isPresent()) {
            return newDecision(observed, State.ORPHANED, awaitingCleaning.get(), observed.inventories());
        }
        if (reserved > 0) {
            return newDecision(
                    observed,
                    State.ORPHANED,
                    new ReservedByAdministrator(observed.name(), reserved),
                    reservedOnly(observed, reserved));
        }
        return tree.operatorOwnsRoot() ? decideDeletion(observed) : decideRetirement(observed);
    }

    private ProviderDecision shrinkToUse(ObservedProvider observed, Optional<PciAddress> address) {
        SortedMap<ResourceClass, Inventory> inventories = new TreeMap<>();
        observed.inventories().forEach((resourceClass, inventory) -> {
            int used = observed.usedUnits(resourceClass);
            if (used > 0) {
                int total = Math.max(used, inventory.reserved());
                inventories.put(resourceClass, Inventory.of(total, inventory.reserved()));
            }
        });
        String cause = address.map(known -> describeCause(known, observed)).orElse("its name is not that of a device");
        return newDecision(observed, State.HELD, ProviderDiffer.heldFinding(observed, cause), inventories);
    }

    private String describeCause(PciAddress address, ObservedProvider observed) {
        if (devices.findDevice(address).isEmpty()) {
            return "the device is no longer on the host";
        }
        if (observed.deviceType() != DeviceType.VF) {
            return "no spec selects %s any more".formatted(address);
        }
        boolean vfs = devices.devices().stream().anyMatch(device -> address.equals(device.parent()));
        return vfs
                ? "no spec selects VFs of %s any more".formatted(address)
                : "the VFs of %s are no longer on the host".formatted(address);
    }

    /** Returns an inventory that offers nothing and keeps the reservation for the return of the device. */
    private static SortedMap<ResourceClass, Inventory> reservedOnly(ObservedProvider observed, int reserved) {
        SortedMap<ResourceClass, Inventory> inventories = new TreeMap<>();
        observed.inventories().keySet().stream()
                .findFirst()
                .ifPresent(resourceClass -> inventories.put(resourceClass, Inventory.of(reserved, reserved)));
        return inventories;
    }

    private static ProviderDecision newDecision(
            ObservedProvider observed, State state, Finding finding, SortedMap<ResourceClass, Inventory> inventories) {
        return new ProviderDecision(
                observed.name(),
                observed.uuid(),
                state,
                null,
                0,
                observed.deviceType(),
                inventories,
                observed.traits(),
                observed.usedUnits(),
                List.of(finding),
                ProviderOperations.inventoryChanges(observed, inventories, observed.deviceType())
                        .toList());
    }

    private static ProviderDecision decideDeletion(ObservedProvider observed) {
        return new ProviderDecision(
                observed.name(),
                observed.uuid(),
                State.REMOVED,
                null,
                0,
                null,
                new TreeMap<>(),
                new TreeSet<>(),
                0,
                List.of(),
                List.of(new ProviderOperation.Delete(observed.uuid())));
    }

    /**
     * Removes inventory and Nova's trait: a nova-compute that does not report PCI devices fails to start while a
     * provider below its root has the trait.
     */
    private ProviderDecision decideRetirement(ObservedProvider observed) {
        SortedMap<ResourceClass, Inventory> none = new TreeMap<>();
        SortedSet<Trait> traits = new TreeSet<>(tree.ownershipTraits());
        traits.remove(Trait.MANAGED_PCI_DEVICE);
        List<ProviderOperation> operations = new ArrayList<>();
        ProviderOperations.inventoryChanges(observed, none, null).forEach(operations::add);
        ProviderOperations.traitChanges(observed, traits).forEach(operations::add);
        return new ProviderDecision(
                observed.name(),
                observed.uuid(),
                State.RETIRED,
                null,
                0,
                null,
                none,
                traits,
                0,
                List.of(new ProviderRetired(observed.name())),
                operations);
    }
}
