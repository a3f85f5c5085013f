package io.pciplacement.planning;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Record of the use and the cleaning of one host's one-time-use devices. A device that was used stays reserved until an
 * annotation confirms that it was cleaned after that use. If it is not known whether a device was used, it counts as
 * used.
 *
 * @param uncleaned devices that were used and not cleaned, by the address of their provider
 * @param confirmations current values of the cleaning annotations, by address
 * @param suspects one-time-use devices that may have been used since they were last evaluated, by the address of their
 *     provider; the value is the number of units that an administrator had reserved
 * @param reservations units that an administrator had reserved on providers that Placement has lost, by address
 */
public record CleaningRecord(
        Map<PciAddress, UncleanedDevice> uncleaned,
        Map<PciAddress, String> confirmations,
        Map<PciAddress, Integer> suspects,
        Map<PciAddress, Integer> reservations) {

    public static final CleaningRecord NONE = new CleaningRecord(Map.of(), Map.of(), Map.of(), Map.of());

    public CleaningRecord {
        uncleaned = Map.copyOf(uncleaned);
        confirmations = Map.copyOf(confirmations);
        suspects = Map.copyOf(suspects);
        reservations = Map.copyOf(reservations);
    }

    /** Returns the state recorded in the HostPciInventory, without observations from Placement. */
    public static CleaningRecord of(Map<PciAddress, UncleanedDevice> uncleaned, Map<PciAddress, String> confirmations) {
        return new CleaningRecord(uncleaned, confirmations, Map.of(), Map.of());
    }

    /** Returns a copy with other devices recorded as used. */
    public CleaningRecord withUncleaned(Map<PciAddress, UncleanedDevice> known) {
        return new CleaningRecord(known, confirmations, suspects, reservations);
    }

    /** Returns a copy with observations from Placement. */
    public CleaningRecord withObservations(Map<PciAddress, Integer> suspected, Map<PciAddress, Integer> lost) {
        return new CleaningRecord(uncleaned, confirmations, suspected, lost);
    }

    /**
     * Returns the units of an existing provider that an administrator has reserved; the operator has reserved the
     * others.
     */
    int reservedByAdministrator(PciAddress address, ObservedProvider observed) {
        UncleanedDevice known = uncleaned.get(address);
        if (known == null && observed.inventories().isEmpty()) {
            // It was recreated, and its inventory was not written yet.
            return reservations.getOrDefault(address, 0);
        }
        return known == null ? observed.reservedUnits() : Math.min(known.reserved(), observed.reservedUnits());
    }

    /** Returns the units that an administrator had reserved on a provider that must be recreated. */
    int reservedBefore(PciAddress address) {
        UncleanedDevice known = uncleaned.get(address);
        return known == null ? reservations.getOrDefault(address, 0) : known.reserved();
    }

    /**
     * Determines whether a device has been used and not been cleaned since.
     *
     * @param oneTimeUse whether it is a one-time-use device, according to its spec or its provider's traits
     * @param inUse whether a consumer has an allocation of it
     * @param reserved reserved units of its provider, 0 if it has none
     */
    private Optional<UncleanedDevice> evaluateUse(PciAddress address, boolean oneTimeUse, boolean inUse, int reserved) {
        UncleanedDevice known = uncleaned.get(address);
        String confirmation = confirmations.get(address);
        Integer suspected = suspects.get(address);
        if (suspected != null || (inUse && (oneTimeUse || known != null))) {
            // An existing confirmation may be older than this use, so it does not count. A recorded use lasts until the
            // device is released, even if no spec requires one-time use any more.
            int kept = known != null ? known.reserved() : suspected != null ? suspected : reserved;
            return Optional.of(new UncleanedDevice(confirmation, kept));
        }
        boolean cleaned = known != null && confirmation != null && !confirmation.equals(known.confirmation());
        return cleaned ? Optional.empty() : Optional.ofNullable(known);
    }

    /** Determines whether the device of an existing provider must stay reserved. */
    Optional<UncleanedDevice> evaluateExisting(
            PciAddress address, boolean wantedForOneTimeUse, ObservedProvider observed) {
        boolean oneTimeUse = wantedForOneTimeUse || observed.traits().contains(Trait.ONE_TIME_USE);
        return evaluateUse(address, oneTimeUse, observed.usedUnits() > 0, observed.reservedUnits());
    }

    /** Determines whether the device of a new provider must start reserved. */
    Optional<UncleanedDevice> evaluateNew(PciAddress address, boolean wantedForOneTimeUse) {
        return evaluateUse(address, wantedForOneTimeUse, false, reservedBefore(address));
    }

    /**
     * Returns the decision with the whole inventory reserved if its device has been used and not been cleaned since.
     */
    ProviderDecision applyTo(
            ProviderDecision decision, Optional<UncleanedDevice> uncleaned, @Nullable ObservedProvider observed) {
        if (uncleaned.isEmpty()) {
            return decision;
        }
        SortedMap<ResourceClass, Inventory> reserved = new TreeMap<>();
        decision.inventories()
                .forEach((resourceClass, inventory) ->
                        reserved.put(resourceClass, inventory.withReserved(inventory.total())));
        return decision.asUncleaned(uncleaned.get(), reserved, observed);
    }

    /** Reserves the whole inventory in a decision that another client prevents, if its device must not be offered. */
    public ProviderDecision reserveIfUncleaned(ProviderDecision decision, @Nullable ObservedProvider observed) {
        return applyTo(decision, Optional.ofNullable(decision.uncleaned()), observed);
    }

    /** Returns the record after these decisions; a cleaning counts only after its decision was executed. */
    public Map<PciAddress, UncleanedDevice> recordAfter(
            Map<PciAddress, ProviderDecision> decided, Map<PciAddress, Boolean> done) {
        Map<PciAddress, UncleanedDevice> after = new TreeMap<>();
        uncleaned.forEach((address, known) -> {
            boolean kept = decided.containsKey(address)
                    ? !done.getOrDefault(address, false)
                    : evaluateUse(address, false, false, 0).isPresent();
            if (kept) {
                after.put(address, known);
            }
        });
        decided.forEach((address, decision) -> {
            UncleanedDevice now = decision.uncleaned();
            if (now != null) {
                after.put(address, now);
            }
        });
        // Devices whose provider no longer exists and which no spec selects.
        suspects.keySet()
                .forEach(address ->
                        evaluateUse(address, true, false, 0).ifPresent(now -> after.putIfAbsent(address, now)));
        return after;
    }

    /**
     * Whether a provider may have been allocated and released between two reads. Each change of its inventories or
     * traits increments its generation by one, and so does each new allocation; the deletion of an allocation does not.
     */
    public static boolean mayHaveBeenUsed(
            int generation,
            SortedMap<ResourceClass, Inventory> inventories,
            SortedSet<Trait> traits,
            ObservedProvider now) {
        int moved = now.provider().generation() - generation;
        int explained = (Objects.equals(inventories, now.inventories()) ? 0 : 1)
                + (Objects.equals(traits, now.traits()) ? 0 : 1);
        return moved < 0 || moved > explained;
    }

    /**
     * Whether a provider of which nothing is recorded may have been allocated. Placement creates a provider with
     * generation 0, so one that nova-compute has just created shows that it was never allocated.
     */
    public static boolean mayHaveBeenUsedSinceCreation(ObservedProvider now) {
        return mayHaveBeenUsed(0, new TreeMap<>(), new TreeSet<>(), now);
    }
}
