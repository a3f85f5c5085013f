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
 * Decisions about providers of ours that no device spec wants any more. In use, one shrinks to what is in use; free, it
 * offers nothing any more, and is deleted only if nothing is lost with it: neither a reservation, nor the record that
 * its device has to be cleaned, nor a provider that a compute service has in its cache.
 */
record UnwantedProvider(HostDevices devices, HostProviderTree target, CleaningRecord cleaning) {

    ProviderDecision decide(ObservedProvider view) {
        Optional<PciAddress> address = target.address(view.name());
        int reserved = address.map(known -> cleaning.reservedByAdministrator(known, view))
                .orElseGet(view::reserved);
        if (view.used() > 0) {
            return inUse(view, address);
        }
        if (address.flatMap(known -> cleaning.judge(known, false, view)).isPresent()) {
            return decision(view, State.ORPHANED, new Finding.AwaitingCleaning(view.name()), view.inventories());
        }
        if (reserved > 0) {
            return decision(
                    view,
                    State.ORPHANED,
                    new ReservedByAdministrator(view.name(), reserved),
                    reservedOnly(view, reserved));
        }
        return target.ownRoot() ? removed(view) : retired(view);
    }

    private ProviderDecision inUse(ObservedProvider view, Optional<PciAddress> address) {
        SortedMap<ResourceClass, Inventory> inventories = new TreeMap<>();
        view.inventories().forEach((resourceClass, inventory) -> {
            int used = view.used(resourceClass);
            if (used > 0) {
                int total = Math.max(used, inventory.reserved());
                inventories.put(resourceClass, Inventory.of(total, inventory.reserved()));
            }
        });
        String why = address.map(known -> whyUnwanted(known, view)).orElse("its name is no device's");
        return decision(view, State.HELD, ProviderDiffer.held(view, why), inventories);
    }

    private String whyUnwanted(PciAddress address, ObservedProvider view) {
        if (devices.findDevice(address).isEmpty()) {
            return "the device is gone from the host";
        }
        if (view.countedAs() != DeviceType.VF) {
            return "no spec wants %s in Placement any more".formatted(address);
        }
        boolean vfs = devices.devices().stream().anyMatch(device -> address.equals(device.parent()));
        return vfs
                ? "no spec wants VFs of %s in Placement any more".formatted(address)
                : "the VFs of %s are gone from the host".formatted(address);
    }

    /** Nothing is offered, and the reservation is still there when the device returns. */
    private static SortedMap<ResourceClass, Inventory> reservedOnly(ObservedProvider view, int reserved) {
        SortedMap<ResourceClass, Inventory> inventories = new TreeMap<>();
        view.inventories().keySet().stream()
                .findFirst()
                .ifPresent(resourceClass -> inventories.put(resourceClass, Inventory.of(reserved, reserved)));
        return inventories;
    }

    private static ProviderDecision decision(
            ObservedProvider view, State state, Finding finding, SortedMap<ResourceClass, Inventory> inventories) {
        return new ProviderDecision(
                view.name(),
                view.uuid(),
                state,
                null,
                0,
                view.countedAs(),
                inventories,
                view.traits(),
                view.used(),
                List.of(finding),
                ProviderOperations.inventories(view, inventories, view.countedAs())
                        .toList());
    }

    private static ProviderDecision removed(ObservedProvider view) {
        return new ProviderDecision(
                view.name(),
                view.uuid(),
                State.REMOVED,
                null,
                0,
                null,
                new TreeMap<>(),
                new TreeSet<>(),
                0,
                List.of(),
                List.of(new ProviderOperation.Delete(view.uuid())));
    }

    /**
     * Without Nova's trait: a nova-compute that does not report PCI devices does not start while a provider below its
     * root has it.
     */
    private ProviderDecision retired(ObservedProvider view) {
        SortedMap<ResourceClass, Inventory> none = new TreeMap<>();
        SortedSet<Trait> traits = new TreeSet<>(target.marks());
        traits.remove(Trait.MANAGED_PCI_DEVICE);
        List<ProviderOperation> operations = new ArrayList<>();
        ProviderOperations.inventories(view, none, null).forEach(operations::add);
        ProviderOperations.traits(view, traits).forEach(operations::add);
        return new ProviderDecision(
                view.name(),
                view.uuid(),
                State.RETIRED,
                null,
                0,
                null,
                none,
                traits,
                0,
                List.of(new ProviderRetired(view.name())),
                operations);
    }
}
