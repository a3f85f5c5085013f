package io.pciplacement.planning;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.planning.finding.AwaitingNova;
import io.pciplacement.planning.finding.Finding;
import io.pciplacement.planning.finding.NotExported;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Limits the decisions about the providers of a host whose nova-compute reports its PCI devices. Two writers of
 * classes, traits and totals would revert each other, and nova-compute cannot be stopped from writing, so it is the
 * only one. The operator compares, and writes the reservations of whole devices only.
 */
public final class NovaManagedProviders {

    private NovaManagedProviders() {}

    /**
     * Limits one decision.
     *
     * @param ownReservation whether the operator reserves units of the provider itself, or has done so
     * @param observed the provider in Placement if it has the ownership trait; null otherwise
     * @param foreign the provider of that name in Placement if it has no ownership trait; null otherwise, or if it was
     *     not read
     */
    public static ProviderDecision limitToReservations(
            ProviderDecision decision,
            boolean ownReservation,
            @Nullable ObservedProvider observed,
            @Nullable ObservedProvider foreign) {
        if (observed != null) {
            return limitExisting(decision.withoutRecordedReservation(), ownReservation, observed);
        }
        return decision.findings().stream()
                        .anyMatch(finding ->
                                finding instanceof Finding.ForeignOwner || finding instanceof Finding.Adoptable)
                ? limitForeign(decision, foreign)
                : limitAbsent(decision);
    }

    /** A provider that nova-compute created before its configuration was exported; its class and its use are known. */
    private static ProviderDecision limitForeign(ProviderDecision decision, @Nullable ObservedProvider foreign) {
        List<Finding> findings =
                decision.findings().stream().map(NovaManagedProviders::forNova).toList();
        return foreign == null
                ? decision.asNovaManaged(State.AWAITING_NOVA, findings, null, new TreeMap<>())
                : decision.asNovaManaged(State.AWAITING_NOVA, findings, foreign, foreign.inventories());
    }

    private static ProviderDecision limitAbsent(ProviderDecision decision) {
        if (decision.state() == State.CONFLICTING) {
            return decision.asNovaManaged(State.CONFLICTING, decision.findings(), null, new TreeMap<>());
        }
        List<Finding> findings = new ArrayList<>(decision.findings());
        findings.addFirst(new AwaitingNova(
                decision.name(),
                List.of("it does not exist, expected " + ContentDifference.formatUnits(decision.inventories()))));
        return decision.asNovaManaged(State.AWAITING_NOVA, findings, null, new TreeMap<>());
    }

    /** Returns the finding as it applies to a host whose providers nova-compute writes. */
    public static Finding forNova(Finding finding) {
        return switch (finding) {
            case Finding.ForeignOwner(String name, UUID uuid) -> new NotExported(name, uuid);
            case Finding.Adoptable adoptable -> new NotExported(adoptable.provider(), adoptable.uuid());
            default -> finding;
        };
    }

    private static ProviderDecision limitExisting(
            ProviderDecision decision, boolean ownReservation, ObservedProvider observed) {
        SortedMap<ResourceClass, Inventory> reserved = withReservations(decision, ownReservation, observed);
        List<String> changes = describeChanges(decision, observed);
        if (changes.isEmpty()) {
            return decision.asNovaManaged(decision.state(), decision.findings(), observed, reserved);
        }
        List<Finding> findings = new ArrayList<>(List.of(new AwaitingNova(decision.name(), changes)));
        findings.addAll(decision.findings());
        return decision.asNovaManaged(State.AWAITING_NOVA, findings, observed, reserved);
    }

    /** Returns the existing inventories with the desired reservations of whole devices, or of all VFs of a PF. */
    private static SortedMap<ResourceClass, Inventory> withReservations(
            ProviderDecision decision, boolean ownReservation, ObservedProvider observed) {
        if ((decision.deviceType() == DeviceType.VF && !ownReservation) || decision.state() == State.REMOVED) {
            return observed.inventories();
        }
        int reserved = decision.reservedUnits();
        SortedMap<ResourceClass, Inventory> inventories = new TreeMap<>();
        observed.inventories()
                .forEach((resourceClass, inventory) ->
                        inventories.put(resourceClass, inventory.withReserved(Math.min(reserved, inventory.total()))));
        return inventories;
    }

    private static List<String> describeChanges(ProviderDecision decision, ObservedProvider observed) {
        if (decision.state() == State.CONFLICTING) {
            return List.of();
        }
        if (decision.spec() == null) {
            // nova-compute keeps the provider of a device in use, too, and deletes it once it is free.
            return decision.state() == State.HELD
                    ? List.of()
                    : List.of("no spec selects its devices any more, or they are no longer on the host");
        }
        return ContentDifference.describe(
                observed,
                decision,
                !Inventory.totals(decision.inventories()).equals(Inventory.totals(observed.inventories())));
    }
}
