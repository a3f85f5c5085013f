package io.pciplacement.planning;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Record of the use and the cleaning of one host's one-time-use devices. A device that was used stays reserved until a
 * person or a Job confirms by an annotation that it was cleaned after that use. If it is not known whether a device was
 * used, it counts as used.
 *
 * @param uncleaned the devices that are known as used and not cleaned, by the address of their provider
 * @param confirmations the values of the cleaning annotations now, by address
 * @param suspects the one-time-use devices that may have been used since they were last judged, by the address of their
 *     provider; the value is the number of units that an administrator had reserved
 * @param reservations the units that an administrator had reserved on providers that Placement has lost, by address
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

    /** What the host's object records, without what only Placement shows. */
    public static CleaningRecord of(Map<PciAddress, UncleanedDevice> uncleaned, Map<PciAddress, String> confirmations) {
        return new CleaningRecord(uncleaned, confirmations, Map.of(), Map.of());
    }

    /** The same with other devices recorded as used. */
    public CleaningRecord with(Map<PciAddress, UncleanedDevice> known) {
        return new CleaningRecord(known, confirmations, suspects, reservations);
    }

    /** The same with what Placement shows. */
    public CleaningRecord seen(Map<PciAddress, Integer> suspected, Map<PciAddress, Integer> lost) {
        return new CleaningRecord(uncleaned, confirmations, suspected, lost);
    }

    /** How many units of an existing provider an administrator has reserved; the rest was reserved by the operator. */
    int reservedByAdministrator(PciAddress address, ObservedProvider view) {
        UncleanedDevice known = uncleaned.get(address);
        return known == null ? view.reserved() : Math.min(known.reserved(), view.reserved());
    }

    /** How many units an administrator had reserved on a provider that has to be created again. */
    int reservedBefore(PciAddress address) {
        UncleanedDevice known = uncleaned.get(address);
        return known == null ? reservations.getOrDefault(address, 0) : known.reserved();
    }

    /**
     * Whether a device has been used and not been cleaned since.
     *
     * @param oneTimeUse whether it is a one-time-use device, by its spec or by its provider's traits
     * @param inUse whether a consumer has an allocation of it now
     * @param reserved the units that are reserved on its provider, 0 if it has none
     */
    private Optional<UncleanedDevice> judge(PciAddress address, boolean oneTimeUse, boolean inUse, int reserved) {
        UncleanedDevice known = uncleaned.get(address);
        String confirmation = confirmations.get(address);
        Integer suspected = suspects.get(address);
        if (suspected != null || (oneTimeUse && inUse)) {
            // A confirmation that is there already may be older than this use, so it does not count.
            int kept = known != null ? known.reserved() : suspected != null ? suspected : reserved;
            return Optional.of(new UncleanedDevice(confirmation, kept));
        }
        boolean cleaned = known != null && confirmation != null && !confirmation.equals(known.confirmation());
        return cleaned ? Optional.empty() : Optional.ofNullable(known);
    }

    /** Whether an existing provider's device must stay reserved. */
    Optional<UncleanedDevice> judge(PciAddress address, boolean wantedForOneTimeUse, ObservedProvider view) {
        boolean oneTimeUse = wantedForOneTimeUse || view.traits().contains(Trait.ONE_TIME_USE);
        return judge(address, oneTimeUse, view.used() > 0, view.reserved());
    }

    /** Whether a new provider's device must start reserved. */
    Optional<UncleanedDevice> judge(PciAddress address, boolean wantedForOneTimeUse) {
        return judge(address, wantedForOneTimeUse, false, reservedBefore(address));
    }

    /** The decision with everything reserved, if its device has been used and not been cleaned since. */
    ProviderDecision applyTo(
            ProviderDecision decision, Optional<UncleanedDevice> judged, @Nullable ObservedProvider view) {
        if (judged.isEmpty()) {
            return decision;
        }
        SortedMap<ResourceClass, Inventory> reserved = new TreeMap<>();
        decision.inventories()
                .forEach((resourceClass, inventory) ->
                        reserved.put(resourceClass, inventory.withReserved(inventory.total())));
        List<ProviderOperation> operations = new ArrayList<>(decision.operations());
        if (!operations.isEmpty() && operations.getLast() instanceof ProviderOperation.PutInventories last) {
            operations.removeLast();
            if (view == null
                    || operations.stream().anyMatch(ProviderOperation.PutInventories.class::isInstance)
                    || !reserved.equals(view.inventories())) {
                operations.add(new ProviderOperation.PutInventories(decision.uuid(), reserved, last.madeOf()));
            }
        } else if (view != null && !reserved.equals(view.inventories())) {
            operations.add(new ProviderOperation.PutInventories(decision.uuid(), reserved, decision.deviceType()));
        }
        return decision.uncleaned(judged.get(), reserved, operations);
    }

    /** A decision that another client prevents, with everything reserved if its device must not be offered. */
    public ProviderDecision keptReserved(ProviderDecision decision, @Nullable ObservedProvider view) {
        return applyTo(decision, Optional.ofNullable(decision.uncleaned()), view);
    }

    /** What is recorded once these decisions were made; a cleaning counts only after its decision was carried out. */
    public Map<PciAddress, UncleanedDevice> after(
            Map<PciAddress, ProviderDecision> decided, Map<PciAddress, Boolean> done) {
        Map<PciAddress, UncleanedDevice> after = new TreeMap<>();
        uncleaned.forEach((address, known) -> {
            boolean kept = decided.containsKey(address)
                    ? !done.getOrDefault(address, false)
                    : judge(address, false, false, 0).isPresent();
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
        // Those whose provider is gone, and which nothing wants now.
        suspects.keySet()
                .forEach(address -> judge(address, true, false, 0).ifPresent(now -> after.putIfAbsent(address, now)));
        return after;
    }

    /**
     * Whether a provider may have been allocated and released between two readings. Each change of its inventories or
     * traits moves its generation by one, and so does each new allocation; the deletion of an allocation does not.
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
}
