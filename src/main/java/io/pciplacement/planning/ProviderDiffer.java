package io.pciplacement.planning;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.planning.finding.Finding;
import io.pciplacement.text.CountFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Comparison of the desired providers of a host with Placement, which results in a decision for each provider.
 * Inventories never shrink below their allocated units, conflicting providers are not changed, and reservations of
 * administrators are kept.
 */
public final class ProviderDiffer {

    private final HostDevices devices;
    private final HostProviderTree tree;
    private final Map<String, UUID> foreign;
    private final AdoptionContext adoption;
    private final AllocatedDevices allocatedDevices;
    private final DeviceIdentities identities;
    private final CleaningRecord cleaning;

    private ProviderDiffer(
            HostDevices devices,
            HostProviderTree tree,
            Map<String, UUID> foreign,
            AdoptionContext adoption,
            AllocatedDevices allocatedDevices,
            DeviceIdentities identities,
            CleaningRecord cleaning) {
        this.devices = devices;
        this.tree = tree;
        this.foreign = foreign;
        this.adoption = adoption;
        this.allocatedDevices = allocatedDevices;
        this.identities = identities;
        this.cleaning = cleaning;
    }

    /**
     * Returns a decision for each provider, ordered by name.
     *
     * @param resolution result of the specs for the host
     * @param ownProviders the operator's providers below the host's root, by name
     * @param foreign uuids of other providers with names that the operator would use, by name
     * @param adoption whether some of these may be adopted
     * @param allocatedDevices allocated devices by consumer
     * @param identities identities of the allocated cards
     * @param cleaning one-time-use devices that were used, and those that were cleaned
     */
    public static List<ProviderDecision> compare(
            HostDevices devices,
            Resolution resolution,
            HostProviderTree tree,
            Map<String, ObservedProvider> ownProviders,
            Map<String, UUID> foreign,
            AdoptionContext adoption,
            AllocatedDevices allocatedDevices,
            DeviceIdentities identities,
            CleaningRecord cleaning) {
        ProviderDiffer differ =
                new ProviderDiffer(devices, tree, foreign, adoption, allocatedDevices, identities, cleaning);
        SortedMap<String, ProviderDecision> decisions = new TreeMap<>();
        resolution.providers().forEach((address, desired) -> {
            String name = tree.providerName(address);
            decisions.put(name, differ.decideProvider(name, desired, Optional.ofNullable(ownProviders.get(name))));
        });
        UnwantedProvider unwanted = new UnwantedProvider(devices, tree, cleaning);
        ownProviders.forEach((name, observed) -> {
            decisions.computeIfAbsent(name, n -> unwanted.decideRemoval(observed));
            decisions.computeIfPresent(name, (n, decision) -> differ.withIdentityCheck(decision, observed));
            decisions.computeIfPresent(name, (n, decision) -> differ.withCleaningState(decision, observed));
            decisions.computeIfPresent(name, (n, decision) -> withOvercommitment(decision, observed));
        });
        return List.copyOf(decisions.values());
    }

    /** Keeps a used one-time-use device reserved, whatever the decision about its provider is. */
    private ProviderDecision withCleaningState(ProviderDecision decision, ObservedProvider observed) {
        return tree.findAddress(observed.name())
                .map(address -> cleaning.applyTo(
                        decision,
                        cleaning.evaluateExisting(address, decision.traits().contains(Trait.ONE_TIME_USE), observed),
                        observed))
                .orElse(decision);
    }

    /** Adds findings about overcommitment. A provider that reaches its desired state has none. */
    private static ProviderDecision withOvercommitment(ProviderDecision decision, ObservedProvider observed) {
        return decision.state() == State.WANTED ? decision : decision.withFindings(observed.findOvercommitted());
    }

    private ProviderDecision decideProvider(String name, DesiredProvider desired, Optional<ObservedProvider> observed) {
        UUID foreignUuid = foreign.get(name);
        if (observed.isEmpty() && foreignUuid != null) {
            return decideForeign(name, foreignUuid, desired);
        }
        return switch (desired) {
            case DesiredProvider.Conflicting conflicting -> {
                List<Finding> findings = conflicting.findings();
                yield observed.map(present -> unchanged(present, conflicting, State.CONFLICTING, findings))
                        .orElseGet(() -> notCreated(conflicting, State.CONFLICTING, findings));
            }
            case DesiredProvider.Resolved resolved ->
                observed.map(present -> decideExisting(resolved, present)).orElseGet(() -> decideNew(name, resolved));
        };
    }

    /** Decides about a provider of another service. It can be adopted if it is Nova's and the specs do not conflict. */
    private ProviderDecision decideForeign(String name, UUID uuid, DesiredProvider desired) {
        Optional<ObservedProvider> candidate = adoption.findCandidate(name);
        if (candidate.isEmpty() || !(desired instanceof DesiredProvider.Resolved resolved)) {
            return notCreated(desired, State.CONFLICTING, List.of(new Finding.ForeignOwner(name, uuid)));
        }
        ObservedProvider foreignProvider = candidate.get();
        ObservedProvider adopted =
                AdoptionContext.withOwnershipTraits(foreignProvider, resolved, devices, tree.ownershipTraits());
        ProviderDecision decision = decideExisting(resolved, adopted);
        return switch (adoption.mode()) {
            case ADOPT ->
                withCleaningState(withIdentityCheck(decision.asAdoption(foreignProvider, adopted), adopted), adopted);
            case PLAN, NONE -> decision.asProposal(foreignProvider);
        };
    }

    /** Records the identity of the card of a provider in use; if the card has been replaced, nothing is changed. */
    private ProviderDecision withIdentityCheck(ProviderDecision decision, ObservedProvider observed) {
        return observed.usedUnits() == 0
                ? decision
                : tree.findAddress(observed.name())
                        .map(address -> identities.checkIdentity(decision, observed, address, devices))
                        .orElse(decision);
    }

    private ProviderDecision decideNew(String name, DesiredProvider.Resolved resolved) {
        UUID uuid = ProviderUuid.ofChild(tree.rootUuid(), name);
        int reserved = cleaning.reservedBefore(resolved.address());
        int total = Math.max(resolved.devices().size(), reserved);
        SortedMap<ResourceClass, Inventory> inventories =
                singleInventory(resolved.resourceClass(), Inventory.of(total, reserved));
        SortedSet<Trait> traits = withOwnershipTraits(resolved);
        Optional<UncleanedDevice> uncleaned = cleaning.evaluateNew(resolved.address(), resolved.isOneTimeUse());
        ProviderDecision decision = newDecision(
                name,
                uuid,
                State.WANTED,
                resolved,
                resolved.deviceType(),
                inventories,
                traits,
                0,
                uncleaned.isPresent() ? List.of(new Finding.AwaitingCleaning(name, resolved.address())) : List.of(),
                List.of(
                        new ProviderOperation.Create(uuid, name, tree.rootUuid()),
                        new ProviderOperation.PutTraits(uuid, traits),
                        new ProviderOperation.PutInventories(uuid, inventories, resolved.deviceType())));
        return cleaning.applyTo(decision, uncleaned, null);
    }

    private ProviderDecision decideExisting(DesiredProvider.Resolved resolved, ObservedProvider observed) {
        Optional<ResourceClass> heldClass = observed.inventories().keySet().stream()
                .filter(rc -> !rc.equals(resolved.resourceClass()) && observed.usedUnits(rc) > 0)
                .findFirst();
        DeviceType currentType = observed.deviceType() != null
                ? observed.deviceType()
                : AdoptionContext.inferDeviceType(observed, resolved, devices);
        boolean deviceTypeDiffers = currentType != resolved.deviceType() && observed.usedUnits() > 0;
        if (deviceTypeDiffers) {
            // A consumer of the PF also uses its VFs and vice versa, so devices of the new type must not be offered.
            String cause = "it is allocated as %s, but spec %s now requires %s"
                    .formatted(currentType, resolved.spec(), resolved.deviceType());
            return unchanged(observed, resolved, State.HELD, List.of(heldFinding(observed, cause)));
        }
        SortedSet<Trait> traits = withOwnershipTraits(resolved);
        if (heldClass.isPresent()) {
            String cause = "it is allocated as %s, but spec %s now requires %s"
                    .formatted(heldClass.get(), resolved.spec(), resolved.resourceClass());
            SortedMap<ResourceClass, Inventory> inventories = observed.inventories();
            return newDecision(
                    observed.name(),
                    observed.uuid(),
                    State.HELD,
                    resolved,
                    observed.deviceType(),
                    inventories,
                    traits,
                    observed.usedUnits(),
                    List.of(heldFinding(observed, cause)),
                    Stream.concat(
                                    ProviderOperations.traitChanges(observed, traits),
                                    ProviderOperations.inventoryChanges(observed, inventories, observed.deviceType()))
                            .toList());
        }
        int listed = resolved.devices().size();
        int used = observed.usedUnits(resolved.resourceClass());
        AllocatedDevices.UnlistedDevices unlisted = allocatedDevices.unlistedDevices(resolved, observed, devices);
        int present = Math.max(listed + unlisted.units(), used);
        // An administrator's reservation is kept even if it exceeds the remaining units; then nothing is offered.
        int reserved = cleaning.reservedByAdministrator(resolved.address(), observed);
        int total = Math.max(present, reserved);
        SortedMap<ResourceClass, Inventory> inventories =
                singleInventory(resolved.resourceClass(), Inventory.of(total, reserved));
        List<Finding> findings = new ArrayList<>();
        if (present > listed) {
            findings.add(unlistedFinding(observed, unlisted, used, listed));
        }
        if (used == 0
                && cleaning.evaluateExisting(resolved.address(), resolved.isOneTimeUse(), observed)
                        .isPresent()) {
            findings.add(new Finding.AwaitingCleaning(observed.name(), resolved.address()));
        }
        return newDecision(
                observed.name(),
                observed.uuid(),
                present > listed ? State.HELD : State.WANTED,
                resolved,
                resolved.deviceType(),
                inventories,
                traits,
                used,
                findings,
                ProviderOperations.operationsFor(observed, resolved, inventories, traits));
    }

    private static Finding unlistedFinding(
            ObservedProvider observed, AllocatedDevices.UnlistedDevices unlisted, int used, int listed) {
        String devices = unlisted.describeDevices();
        return devices.isEmpty()
                ? heldFinding(
                        observed,
                        "%s in use, but only %s selected"
                                .formatted(
                                        CountFormat.format(used, "unit is", "units are"),
                                        CountFormat.format(listed, "device is", "devices are")))
                : new Finding.Held(
                        observed.name(),
                        "in use but no longer selected: " + devices,
                        unlisted.byConsumer().keySet());
    }

    static Finding.Held heldFinding(ObservedProvider observed, String cause) {
        return new Finding.Held(observed.name(), cause, observed.consumerUuids());
    }

    private SortedSet<Trait> withOwnershipTraits(DesiredProvider.Resolved resolved) {
        SortedSet<Trait> traits = new TreeSet<>(resolved.traits());
        traits.addAll(tree.ownershipTraits());
        return traits;
    }

    private static SortedMap<ResourceClass, Inventory> singleInventory(
            ResourceClass resourceClass, Inventory inventory) {
        return new TreeMap<>(Map.of(resourceClass, inventory));
    }

    private ProviderDecision notCreated(DesiredProvider desired, State state, List<Finding> findings) {
        PciAddress address = desired.address();
        return newDecision(
                tree.providerName(address),
                tree.providerUuid(address),
                state,
                desired,
                desired.devices().getFirst().type(),
                new TreeMap<>(),
                new TreeSet<>(),
                0,
                findings,
                List.of());
    }

    private static ProviderDecision unchanged(
            ObservedProvider observed, DesiredProvider desired, State state, List<Finding> findings) {
        return newDecision(
                observed.name(),
                observed.uuid(),
                state,
                desired,
                // The observed device type, not the desired one: later reads must know what the allocations count.
                observed.deviceType(),
                observed.inventories(),
                observed.traits(),
                observed.usedUnits(),
                findings,
                List.of());
    }

    private static ProviderDecision newDecision(
            String name,
            UUID uuid,
            State state,
            DesiredProvider desired,
            @Nullable DeviceType deviceType,
            SortedMap<ResourceClass, Inventory> inventories,
            SortedSet<Trait> traits,
            int used,
            List<Finding> findings,
            List<ProviderOperation> operations) {
        String spec = desired instanceof DesiredProvider.Resolved resolved ? resolved.spec() : null;
        return new ProviderDecision(
                name,
                uuid,
                state,
                spec,
                desired.devices().size(),
                deviceType,
                inventories,
                traits,
                used,
                findings,
                operations);
    }
}
