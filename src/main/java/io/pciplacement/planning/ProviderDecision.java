package io.pciplacement.planning;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ProviderContents;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.finding.DeviceIdentity;
import io.pciplacement.planning.finding.Finding;
import io.pciplacement.planning.finding.NotExported;
import io.pciplacement.planning.finding.RewrittenByOther;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Decision about one provider: its state, the operations to execute, and its contents afterwards.
 *
 * @param spec the spec that applies to its devices, null if none does
 * @param devices number of devices that its inventory counts
 * @param deviceType type of the devices that its inventory counts, null if unknown
 * @param inventories inventories after the operations
 * @param traits traits after the operations
 * @param findings reasons why the provider is not in the desired state, the most severe first; empty if it is
 * @param operations operations to execute, in this order; empty if Placement is up to date
 * @param identity identity of the card when it was allocated; null if it has no consumer, or if unknown
 * @param uncleaned record that its device was used and not cleaned since; null otherwise
 */
public record ProviderDecision(
        String name,
        UUID uuid,
        State state,
        @Nullable String spec,
        int devices,
        @Nullable DeviceType deviceType,
        SortedMap<ResourceClass, Inventory> inventories,
        SortedSet<Trait> traits,
        int used,
        List<Finding> findings,
        List<ProviderOperation> operations,
        @Nullable DeviceIdentity identity,
        @Nullable UncleanedDevice uncleaned) {

    /** State of a provider after its operations. */
    public enum State {
        /** In the desired state. */
        WANTED,
        /** In use, and no longer selected or required differently. */
        HELD,
        /** Belongs to another service and could be adopted with these contents. */
        PROPOSED,
        /** The specs conflict; the provider is not changed. */
        CONFLICTING,
        /** Not selected and not in use, but cannot be deleted yet. */
        ORPHANED,
        /** Not selected and not in use; kept without inventory, because the root belongs to another service. */
        RETIRED,
        /** Another client has changed it back repeatedly; it is not changed. */
        CONTESTED,
        /** Differs from the desired state, and only nova-compute changes it. */
        AWAITING_NOVA,
        /** In the desired state, except that it is reserved because devices of it are quarantined. */
        QUARANTINED,
        /** No longer selected; deleted. */
        REMOVED
    }

    /** Creates a decision without identity and cleaning record. */
    ProviderDecision(
            String name,
            UUID uuid,
            State state,
            @Nullable String spec,
            int devices,
            @Nullable DeviceType deviceType,
            SortedMap<ResourceClass, Inventory> inventories,
            SortedSet<Trait> traits,
            int used,
            List<Finding> findings,
            List<ProviderOperation> operations) {
        this(name, uuid, state, spec, devices, deviceType, inventories, traits, used, findings, operations, null, null);
    }

    /** Whether the provider exists in Placement as one of the operator before the operations. */
    public boolean existsInPlacement() {
        if (state == State.PROPOSED || operations.stream().anyMatch(ProviderOperation.Adopt.class::isInstance)) {
            return false;
        }
        boolean known = !inventories.isEmpty() || !traits.isEmpty() || !operations.isEmpty();
        return known && !createsProvider();
    }

    /** Whether the operations create the provider. */
    public boolean createsProvider() {
        return operations.stream().anyMatch(ProviderOperation.Create.class::isInstance);
    }

    /**
     * Whether the decision depends on a provider without the operator's ownership trait, or on one that nova-compute
     * may create without it. The sweep does not notice their changes, so the host is retried.
     */
    public boolean dependsOnForeignProvider() {
        boolean awaitsCreation = state == State.AWAITING_NOVA && inventories.isEmpty();
        return awaitsCreation
                || state == State.PROPOSED
                || findings.stream()
                        .anyMatch(finding -> finding instanceof Finding.ForeignOwner || finding instanceof NotExported);
    }

    public ProviderDecision {
        inventories = ProviderContents.copyInventories(inventories);
        traits = ProviderContents.copyTraits(traits);
        findings = List.copyOf(findings);
        operations = List.copyOf(operations);
    }

    /** Returns a copy with additional findings. */
    ProviderDecision withFindings(List<? extends Finding> others) {
        return others.isEmpty()
                ? this
                : withOutcome(
                        state,
                        Stream.concat(others.stream(), findings.stream())
                                .sorted(Finding.MOST_SEVERE_FIRST)
                                .toList(),
                        operations);
    }

    /** Returns a copy with the identity to record. */
    ProviderDecision withIdentity(@Nullable DeviceIdentity newIdentity) {
        return withRecords(newIdentity, uncleaned);
    }

    /**
     * Returns a copy whose cleaning record has no reservation of an administrator. nova-compute itself reserves a
     * one-time-use device when a server gets it, and Placement does not show who has reserved it.
     */
    ProviderDecision withoutRecordedReservation() {
        return uncleaned == null ? this : withRecords(identity, new UncleanedDevice(uncleaned.confirmation(), 0));
    }

    /** Returns the units of all resource classes after the operations. */
    public int totalUnits() {
        return inventories.values().stream().mapToInt(Inventory::total).sum();
    }

    /** Returns the reserved units of all resource classes after the operations. */
    public int reservedUnits() {
        return inventories.values().stream().mapToInt(Inventory::reserved).sum();
    }

    /** Returns a copy for a device that was used and not cleaned since, with the whole inventory reserved. */
    ProviderDecision asUncleaned(
            UncleanedDevice record, SortedMap<ResourceClass, Inventory> reserved, @Nullable ObservedProvider observed) {
        return withInventories(reserved, observed).withRecords(identity, record);
    }

    /**
     * Returns a copy with other reservations.
     *
     * @param reserved the inventories with these reservations
     * @param observed the provider in Placement; null if it does not exist
     * @param reasons why they differ
     * @param quarantined whether devices of the provider are quarantined
     */
    public ProviderDecision withReservations(
            SortedMap<ResourceClass, Inventory> reserved,
            @Nullable ObservedProvider observed,
            List<Finding> reasons,
            boolean quarantined) {
        ProviderDecision changed = inventories.isEmpty()
                ? this
                : withInventories(reserved, observed).withFindings(reasons);
        return quarantined && state == State.WANTED
                ? changed.withOutcome(State.QUARANTINED, changed.findings, changed.operations)
                : changed;
    }

    /** Returns a copy with other inventories, and the operations that write them. */
    private ProviderDecision withInventories(
            SortedMap<ResourceClass, Inventory> changed, @Nullable ObservedProvider observed) {
        List<ProviderOperation> all = new ArrayList<>(operations);
        DeviceType counted = deviceType;
        boolean written = false;
        if (!all.isEmpty() && all.getLast() instanceof ProviderOperation.PutInventories last) {
            all.removeLast();
            counted = last.deviceType();
            written = true;
        }
        boolean differs = observed == null ? written : !changed.equals(observed.inventories());
        if (differs || all.stream().anyMatch(ProviderOperation.PutInventories.class::isInstance)) {
            all.add(new ProviderOperation.PutInventories(uuid, changed, counted));
        }
        return withOutcome(state, findings, all).withContents(deviceType, changed, traits);
    }

    /** Returns a copy without operations, because another client changes the provider back. */
    public ProviderDecision asContested(@Nullable ObservedProvider observed, RewrittenByOther reasons) {
        ProviderDecision unchanged = withOutcome(State.CONTESTED, prependFinding(reasons), List.of());
        return observed == null
                ? unchanged.withContents(deviceType, new TreeMap<>(), new TreeSet<>())
                : unchanged.withObservedState(observed);
    }

    /** Returns a copy without operations, because the card of the provider's consumers has been replaced. */
    ProviderDecision blockedBy(ObservedProvider observed, Finding.DeviceReplaced reasons) {
        ProviderDecision blocked = state == State.CONFLICTING
                ? withOutcome(
                        state,
                        prependFinding(reasons).stream()
                                .sorted(Finding.MOST_SEVERE_FIRST)
                                .toList(),
                        List.of())
                : withOutcome(State.HELD, List.of(reasons), List.of());
        return blocked.withObservedState(observed).withIdentity(reasons.previousIdentity());
    }

    /** Returns a copy that first adopts the provider. */
    ProviderDecision asAdoption(ObservedProvider foreignProvider, ObservedProvider adopted) {
        List<ProviderOperation> all = new ArrayList<>(List.of(new ProviderOperation.Adopt(foreignProvider, adopted)));
        all.addAll(operations);
        return withOutcome(state, findings, all);
    }

    /**
     * Returns a copy for a provider that only nova-compute changes.
     *
     * @param observed the provider in Placement; null if it does not exist
     * @param newInventories its inventories with the reservations that the operator may write
     */
    ProviderDecision asNovaManaged(
            State newState,
            List<Finding> reasons,
            @Nullable ObservedProvider observed,
            SortedMap<ResourceClass, Inventory> newInventories) {
        List<ProviderOperation> reserving = observed == null
                ? List.of()
                : ProviderOperations.inventoryChanges(observed, newInventories, deviceType)
                        .toList();
        return withOutcome(newState, reasons, reserving)
                .withContents(deviceType, newInventories, observed == null ? new TreeSet<>() : observed.traits());
    }

    /** Returns a copy without operations that reports the owner and the changes of an adoption. */
    ProviderDecision asProposal(ObservedProvider foreignProvider) {
        return withOutcome(State.PROPOSED, prependFinding(describeAdoption(foreignProvider)), List.of())
                .withRecords(null, null);
    }

    /** Describes what the adoption of another client's provider would change. */
    private Finding.Adoptable describeAdoption(ObservedProvider foreignProvider) {
        List<String> changes =
                ContentDifference.describe(foreignProvider, this, !inventories.equals(foreignProvider.inventories()));
        return new Finding.Adoptable(
                foreignProvider.name(), foreignProvider.uuid(), changes, foreignProvider.consumerUuids());
    }

    private List<Finding> prependFinding(Finding first) {
        return Stream.concat(Stream.of(first), findings.stream()).toList();
    }

    private ProviderDecision withObservedState(ObservedProvider observed) {
        return withContents(observed.deviceType(), observed.inventories(), observed.traits());
    }

    private ProviderDecision withOutcome(State newState, List<Finding> reasons, List<ProviderOperation> newOperations) {
        return new ProviderDecision(
                name,
                uuid,
                newState,
                spec,
                devices,
                deviceType,
                inventories,
                traits,
                used,
                reasons,
                newOperations,
                identity,
                uncleaned);
    }

    private ProviderDecision withContents(
            @Nullable DeviceType newDeviceType,
            SortedMap<ResourceClass, Inventory> newInventories,
            SortedSet<Trait> newTraits) {
        return new ProviderDecision(
                name,
                uuid,
                state,
                spec,
                devices,
                newDeviceType,
                newInventories,
                newTraits,
                used,
                findings,
                operations,
                identity,
                uncleaned);
    }

    private ProviderDecision withRecords(@Nullable DeviceIdentity newIdentity, @Nullable UncleanedDevice record) {
        return new ProviderDecision(
                name,
                uuid,
                state,
                spec,
                devices,
                deviceType,
                inventories,
                traits,
                used,
                findings,
                operations,
                newIdentity,
                record);
    }
}
