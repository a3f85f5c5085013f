package io.pciplacement.planning.reservation;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.AllocatedDevices;
import io.pciplacement.planning.DesiredProvider;
import io.pciplacement.planning.HostProviderTree;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.Resolution;
import io.pciplacement.planning.finding.Draining;
import io.pciplacement.planning.finding.Finding;
import io.pciplacement.planning.finding.Quarantined;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reservations of one host that the operator adds to those of administrators. The plan is computed as if there were
 * none; this class hides them from it, and adds them to its decisions. So what is released is exactly what was added.
 */
public final class HostReservations {

    private final ReservationPolicy policy;
    private final Map<PciAddress, RecordedReservation> recorded;
    private final HostProviderTree tree;
    private final Resolution resolution;
    private final AllocatedDevices allocatedDevices;
    private final boolean wholeProvidersOnly;

    /**
     * Creates the reservations of a host.
     *
     * @param recorded what the operator has reserved so far, by the address of the provider
     * @param wholeProvidersOnly whether another service assigns the devices of a provider, so that reserving a unit
     *     would not keep it from assigning the quarantined one
     */
    public HostReservations(
            ReservationPolicy policy,
            Map<PciAddress, RecordedReservation> recorded,
            HostProviderTree tree,
            Resolution resolution,
            AllocatedDevices allocatedDevices,
            boolean wholeProvidersOnly) {
        this.policy = policy;
        this.recorded = Map.copyOf(recorded);
        this.tree = tree;
        this.resolution = resolution;
        this.allocatedDevices = allocatedDevices;
        this.wholeProvidersOnly = wholeProvidersOnly;
    }

    /** Returns the providers of the operator as they would be without its own reservations, by name. */
    public Map<String, ObservedProvider> hideOwnUnits(Map<String, ObservedProvider> observedByName) {
        if (recorded.isEmpty()) {
            return observedByName;
        }
        Map<String, ObservedProvider> hidden = new HashMap<>();
        observedByName.forEach((name, observed) -> hidden.put(name, hideOwnUnits(observed)));
        return hidden;
    }

    private ObservedProvider hideOwnUnits(ObservedProvider observed) {
        int administrator = tree.findAddress(observed.name())
                .map(address -> administratorUnits(address, observed.reservedUnits()))
                .orElseGet(observed::reservedUnits);
        int own = observed.reservedUnits() - administrator;
        if (own <= 0) {
            return observed;
        }
        SortedMap<ResourceClass, Inventory> inventories = new TreeMap<>();
        int remaining = own;
        for (Map.Entry<ResourceClass, Inventory> entry : observed.inventories().entrySet()) {
            int here = Math.min(remaining, entry.getValue().reserved());
            inventories.put(
                    entry.getKey(),
                    entry.getValue().withReserved(entry.getValue().reserved() - here));
            remaining -= here;
        }
        return observed.withInventories(observed.provider().generation(), inventories, observed.deviceType());
    }

    /**
     * Returns the units of a provider that an administrator has reserved.
     *
     * @param reserved all reserved units of the provider
     */
    public int administratorUnits(PciAddress address, int reserved) {
        RecordedReservation known = recorded.get(address);
        return known == null ? reserved : known.administratorUnits(reserved);
    }

    /**
     * Returns a decision with the operator's own reservation.
     *
     * @param decision the decision as if the operator had reserved nothing
     * @param observed the provider in Placement, with all reservations; null if it does not exist
     */
    public ProviderDecision addOwnUnits(ProviderDecision decision, @Nullable ObservedProvider observed) {
        PciAddress address = tree.findAddress(decision.name()).orElse(null);
        return switch (decision.state()) {
            case PROPOSED, REMOVED, RETIRED -> decision;
            case WANTED, HELD, CONFLICTING, CONTESTED, ORPHANED, AWAITING_NOVA, QUARANTINED ->
                address != null && concernsProvider(address) ? addOwnUnits(decision, address, observed) : decision;
        };
    }

    /** Whether the operator reserves units of a provider in addition to an administrator, or has done so. */
    public boolean concernsProvider(String name) {
        return tree.findAddress(name).filter(this::concernsProvider).isPresent();
    }

    private boolean concernsProvider(PciAddress address) {
        return recorded.containsKey(address)
                || policy.drain()
                || policy.reasonFor(address) != null
                || !quarantinedDevices(address).isEmpty();
    }

    private ProviderDecision addOwnUnits(
            ProviderDecision decision, PciAddress address, @Nullable ObservedProvider observed) {
        List<PciDevice> quarantined = quarantinedDevices(address);
        boolean whole = policy.drain() || policy.reasonFor(address) != null;
        int remaining = whole ? Integer.MAX_VALUE : countUnallocated(quarantined, observed);
        SortedMap<ResourceClass, Inventory> inventories = new TreeMap<>();
        for (Map.Entry<ResourceClass, Inventory> entry : decision.inventories().entrySet()) {
            Inventory inventory = entry.getValue();
            int here = Math.clamp(inventory.total() - inventory.reserved(), 0, remaining);
            inventories.put(entry.getKey(), inventory.withReserved(inventory.reserved() + here));
            remaining -= here;
        }
        return decision.withReservations(
                inventories, observed, describe(decision, address, quarantined), !quarantined.isEmpty());
    }

    /** The quarantined devices that the inventory of a provider counts. */
    private List<PciDevice> quarantinedDevices(PciAddress address) {
        DesiredProvider desired =
                policy.quarantined().isEmpty() ? null : resolution.providers().get(address);
        if (desired == null) {
            return List.of();
        }
        boolean single = wholeProvidersOnly
                && policy.reasonFor(address) == null
                && desired.devices().getFirst().type() == DeviceType.VF;
        return single
                ? List.of()
                : desired.devices().stream().filter(policy::isQuarantined).toList();
    }

    /** Counts the devices that no consumer has: an allocated one uses a unit until its consumer releases it. */
    private int countUnallocated(List<PciDevice> quarantined, @Nullable ObservedProvider observed) {
        int allocated = 0;
        if (observed != null) {
            for (Map.Entry<UUID, Map<ResourceClass, Integer>> entry :
                    observed.allocations().entrySet()) {
                int held = (int) quarantined.stream()
                        .filter(device -> allocatedDevices.isAllocatedTo(entry.getKey(), device.address()))
                        .count();
                int units = entry.getValue().values().stream()
                        .mapToInt(Integer::intValue)
                        .sum();
                allocated += Math.min(held, units);
            }
        }
        return Math.max(0, quarantined.size() - allocated);
    }

    private List<Finding> describe(ProviderDecision decision, PciAddress address, List<PciDevice> quarantined) {
        List<Finding> findings = new ArrayList<>();
        if (!quarantined.isEmpty()) {
            String whole = policy.reasonFor(address);
            SortedMap<PciAddress, String> reasons = new TreeMap<>();
            if (whole == null) {
                quarantined.forEach(
                        device -> reasons.put(device.address(), String.valueOf(policy.reasonFor(device.address()))));
            } else {
                reasons.put(address, whole);
            }
            findings.add(new Quarantined(decision.name(), reasons, decision.used()));
        }
        if (policy.drain()) {
            findings.add(new Draining(decision.name(), decision.used()));
        }
        return findings;
    }

    /**
     * Returns what to record of a provider before the decision about it is executed; empty if nothing.
     *
     * @param planned the decision as if the operator had reserved nothing
     * @param decided the same decision with its reservation
     * @param observed the provider in Placement, with all reservations; null if it does not exist
     */
    public Optional<RecordedReservation> recordBefore(
            PciAddress address,
            ProviderDecision planned,
            ProviderDecision decided,
            @Nullable ObservedProvider observed) {
        if (!concernsProvider(address)) {
            return Optional.empty();
        }
        int others = planned.reservedUnits();
        int now = observed == null ? 0 : Math.max(0, observed.reservedUnits() - others);
        // nova-compute's provider without the ownership trait is shown as it is, and not written.
        boolean written = observed != null || !decided.operations().isEmpty();
        int units = written ? Math.max(0, decided.reservedUnits() - others) : 0;
        return units > 0 || recorded.containsKey(address)
                ? Optional.of(new RecordedReservation(others, units, units == now ? null : now))
                : Optional.empty();
    }

    /**
     * Returns the record after decisions were executed.
     *
     * @param before the record from before their execution
     * @param known the record from before that, which is correct for a decision that Placement has rejected
     * @param done whether the decision about each provider was executed
     */
    public static SortedMap<PciAddress, RecordedReservation> recordAfter(
            Map<PciAddress, RecordedReservation> before,
            Map<PciAddress, RecordedReservation> known,
            Map<PciAddress, Boolean> done) {
        SortedMap<PciAddress, RecordedReservation> after = new TreeMap<>();
        before.forEach((address, reservation) -> {
            RecordedReservation now = done.getOrDefault(address, false) ? reservation.asWritten() : known.get(address);
            if (now != null && (now.units() > 0 || now.previousUnits() != null)) {
                after.put(address, now);
            }
        });
        return Collections.unmodifiableSortedMap(after);
    }
}
