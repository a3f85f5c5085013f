package io.pciplacement.planning;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.planning.finding.Finding;
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
 * Compares what is wanted of a host with what Placement has, and says what is to be done. What is in use is never
 * shrunk below its use, what contradicts itself stays, and what an administrator reserved stays reserved.
 */
public final class ProviderDiffer {

    private final HostDevices devices;
    private final HostProviderTree target;
    private final Map<String, UUID> foreign;
    private final AdoptionContext adoption;
    private final AllocatedDevices held;
    private final DeviceIdentities cards;
    private final CleaningRecord cleaning;

    private ProviderDiffer(
            HostDevices devices,
            HostProviderTree target,
            Map<String, UUID> foreign,
            AdoptionContext adoption,
            AllocatedDevices held,
            DeviceIdentities cards,
            CleaningRecord cleaning) {
        this.devices = devices;
        this.target = target;
        this.foreign = foreign;
        this.adoption = adoption;
        this.held = held;
        this.cards = cards;
        this.cleaning = cleaning;
    }

    /** One decision per provider, of a host whose providers are all ours and whose cards nobody remembers. */
    public static List<ProviderDecision> diff(
            HostDevices devices,
            Resolution resolution,
            HostProviderTree target,
            Map<String, ObservedProvider> ours,
            Map<String, UUID> foreign,
            AllocatedDevices held) {
        return diff(
                devices,
                resolution,
                target,
                ours,
                foreign,
                AdoptionContext.NONE,
                held,
                DeviceIdentities.NONE,
                CleaningRecord.NONE);
    }

    /**
     * One decision per provider, by name.
     *
     * @param resolution what the specs make of the host
     * @param ours what Placement has of ours below the host's root, by name
     * @param foreign the uuids of other providers that have a name of ours, by name
     * @param adoption whether some of these may become ours
     * @param held which devices are known to be held, and by whom
     * @param cards which cards those who use something were given
     * @param cleaning which one-time-use devices were used, and which were cleaned
     */
    public static List<ProviderDecision> diff(
            HostDevices devices,
            Resolution resolution,
            HostProviderTree target,
            Map<String, ObservedProvider> ours,
            Map<String, UUID> foreign,
            AdoptionContext adoption,
            AllocatedDevices held,
            DeviceIdentities cards,
            CleaningRecord cleaning) {
        ProviderDiffer differ = new ProviderDiffer(devices, target, foreign, adoption, held, cards, cleaning);
        SortedMap<String, ProviderDecision> decisions = new TreeMap<>();
        resolution.providers().forEach((address, plan) -> {
            String name = target.providerName(address);
            decisions.put(name, differ.decide(name, plan, Optional.ofNullable(ours.get(name))));
        });
        UnwantedProvider unwanted = new UnwantedProvider(devices, target, cleaning);
        ours.forEach((name, view) -> {
            decisions.computeIfAbsent(name, n -> unwanted.decide(view));
            decisions.computeIfPresent(name, (n, decision) -> differ.behindIt(decision, view));
            decisions.computeIfPresent(name, (n, decision) -> differ.uncleaned(decision, view));
            decisions.computeIfPresent(name, (n, decision) -> overcommitted(decision, view));
        });
        return List.copyOf(decisions.values());
    }

    /** A one-time-use device that was used stays reserved, whatever else is decided of its provider. */
    private ProviderDecision uncleaned(ProviderDecision decision, ObservedProvider view) {
        return target.address(view.name())
                .map(address -> cleaning.applyTo(
                        decision, cleaning.judge(address, decision.traits().contains(Trait.ONE_TIME_USE), view), view))
                .orElse(decision);
    }

    /** What is only counted wrong is put right without a word; a finding is what more is held of than there is. */
    private static ProviderDecision overcommitted(ProviderDecision decision, ObservedProvider view) {
        return decision.state() == State.WANTED ? decision : decision.beside(view.overcommitted());
    }

    private ProviderDecision decide(String name, DesiredProvider plan, Optional<ObservedProvider> view) {
        UUID others = foreign.get(name);
        if (view.isEmpty() && others != null) {
            return theirs(name, others, plan);
        }
        return switch (plan) {
            case DesiredProvider.Conflicting contradicted -> {
                List<Finding> findings = contradicted.findings();
                yield view.map(present -> asIs(present, contradicted, State.CONFLICTING, findings))
                        .orElseGet(() -> absent(contradicted, State.CONFLICTING, findings));
            }
            case DesiredProvider.Resolved wanted ->
                view.map(present -> change(wanted, present)).orElseGet(() -> create(name, wanted));
        };
    }

    /** A provider of somebody else's has the name. Nova's may be ours from now on, once our specs agree about it. */
    private ProviderDecision theirs(String name, UUID uuid, DesiredProvider plan) {
        Optional<ObservedProvider> candidate = adoption.candidate(name);
        if (candidate.isEmpty() || !(plan instanceof DesiredProvider.Resolved wanted)) {
            return absent(plan, State.CONFLICTING, List.of(new Finding.ForeignOwner(name, uuid)));
        }
        ObservedProvider theirs = candidate.get();
        ObservedProvider marked = AdoptionContext.marked(theirs, wanted, devices, target.marks());
        ProviderDecision decision = change(wanted, marked);
        return switch (adoption.mode()) {
            case ADOPT -> uncleaned(behindIt(decision.adopting(theirs, marked), marked), marked);
            case PLAN, NONE -> decision.proposed(theirs);
        };
    }

    /** Remembers the card that those who use a provider were given; where another one is there, nothing is done. */
    private ProviderDecision behindIt(ProviderDecision decision, ObservedProvider view) {
        return view.used() == 0
                ? decision
                : target.address(view.name())
                        .map(address -> cards.judge(decision, view, address, devices))
                        .orElse(decision);
    }

    private ProviderDecision create(String name, DesiredProvider.Resolved wanted) {
        UUID uuid = ProviderUuid.ofChild(target.rootUuid(), name);
        int reserved = cleaning.reservedBefore(wanted.address());
        int total = Math.max(wanted.devices().size(), reserved);
        SortedMap<ResourceClass, Inventory> inventories = single(wanted.resourceClass(), Inventory.of(total, reserved));
        SortedSet<Trait> traits = marked(wanted);
        Optional<UncleanedDevice> uncleaned = cleaning.judge(wanted.address(), wanted.oneTimeUse());
        ProviderDecision decision = decision(
                name,
                uuid,
                State.WANTED,
                wanted,
                wanted.deviceType(),
                inventories,
                traits,
                0,
                uncleaned.isPresent() ? List.of(new Finding.AwaitingCleaning(name)) : List.of(),
                List.of(
                        new ProviderOperation.Create(uuid, name, target.rootUuid()),
                        new ProviderOperation.PutTraits(uuid, traits),
                        new ProviderOperation.PutInventories(uuid, inventories, wanted.deviceType())));
        return cleaning.applyTo(decision, uncleaned, null);
    }

    private ProviderDecision change(DesiredProvider.Resolved wanted, ObservedProvider view) {
        Optional<ResourceClass> heldClass = view.inventories().keySet().stream()
                .filter(rc -> !rc.equals(wanted.resourceClass()) && view.used(rc) > 0)
                .findFirst();
        DeviceType counted =
                view.countedAs() != null ? view.countedAs() : AdoptionContext.counted(view, wanted, devices);
        boolean otherKind = counted != wanted.deviceType() && view.used() > 0;
        if (otherKind) {
            // Who holds the PF has its VFs with it, and the reverse: nothing of the new kind may be offered beside it.
            String why = "it is held as %s, and spec %s now wants it as %s"
                    .formatted(counted, wanted.spec(), wanted.deviceType());
            return asIs(view, wanted, State.HELD, List.of(held(view, why)));
        }
        SortedSet<Trait> traits = marked(wanted);
        if (heldClass.isPresent()) {
            String why = "it is held as %s, and spec %s now wants it as %s"
                    .formatted(heldClass.get(), wanted.spec(), wanted.resourceClass());
            SortedMap<ResourceClass, Inventory> inventories = view.inventories();
            return decision(
                    view.name(),
                    view.uuid(),
                    State.HELD,
                    wanted,
                    view.countedAs(),
                    inventories,
                    traits,
                    view.used(),
                    List.of(held(view, why)),
                    Stream.concat(
                                    ProviderOperations.traits(view, traits),
                                    ProviderOperations.inventories(view, inventories, view.countedAs()))
                            .toList());
        }
        int listed = wanted.devices().size();
        int used = view.used(wanted.resourceClass());
        AllocatedDevices.Unlisted unlisted = held.unlisted(wanted, view, devices);
        int present = Math.max(listed + unlisted.units(), used);
        // An administrator's reservation is kept even if more is reserved than is left; then nothing is offered.
        int reserved = cleaning.reservedByAdministrator(wanted.address(), view);
        int total = Math.max(present, reserved);
        SortedMap<ResourceClass, Inventory> inventories = single(wanted.resourceClass(), Inventory.of(total, reserved));
        List<Finding> findings = new ArrayList<>();
        if (present > listed) {
            findings.add(unlisted(view, unlisted, used, listed));
        }
        if (used == 0
                && cleaning.judge(wanted.address(), wanted.oneTimeUse(), view).isPresent()) {
            findings.add(new Finding.AwaitingCleaning(view.name()));
        }
        return decision(
                view.name(),
                view.uuid(),
                present > listed ? State.HELD : State.WANTED,
                wanted,
                wanted.deviceType(),
                inventories,
                traits,
                used,
                findings,
                ProviderOperations.of(view, wanted, inventories, traits));
    }

    private static Finding unlisted(ObservedProvider view, AllocatedDevices.Unlisted unlisted, int used, int listed) {
        String devices = unlisted.named();
        return devices.isEmpty()
                ? held(view, "%d units are in use, and only %d devices are selected".formatted(used, listed))
                : new Finding.Held(
                        view.name(),
                        "in use and not selected any more: " + devices,
                        unlisted.byConsumer().keySet());
    }

    static Finding.Held held(ObservedProvider view, String why) {
        return new Finding.Held(view.name(), why, view.consumers());
    }

    private SortedSet<Trait> marked(DesiredProvider.Resolved wanted) {
        SortedSet<Trait> traits = new TreeSet<>(wanted.traits());
        traits.addAll(target.marks());
        return traits;
    }

    private static SortedMap<ResourceClass, Inventory> single(ResourceClass resourceClass, Inventory inventory) {
        return new TreeMap<>(Map.of(resourceClass, inventory));
    }

    private ProviderDecision absent(DesiredProvider plan, State state, List<Finding> findings) {
        PciAddress address = plan.address();
        return decision(
                target.providerName(address),
                target.providerUuid(address),
                state,
                plan,
                plan.devices().getFirst().type(),
                new TreeMap<>(),
                new TreeSet<>(),
                0,
                findings,
                List.of());
    }

    private static ProviderDecision asIs(
            ObservedProvider view, DesiredProvider plan, State state, List<Finding> findings) {
        return decision(
                view.name(),
                view.uuid(),
                state,
                plan,
                // Of what it is, not of what is wanted: whoever reads it again must know who holds what.
                view.countedAs(),
                view.inventories(),
                view.traits(),
                view.used(),
                findings,
                List.of());
    }

    private static ProviderDecision decision(
            String name,
            UUID uuid,
            State state,
            DesiredProvider plan,
            @Nullable DeviceType kind,
            SortedMap<ResourceClass, Inventory> inventories,
            SortedSet<Trait> traits,
            int used,
            List<Finding> findings,
            List<ProviderOperation> operations) {
        String spec = plan instanceof DesiredProvider.Resolved wanted ? wanted.spec() : null;
        return new ProviderDecision(
                name, uuid, state, spec, plan.devices().size(), kind, inventories, traits, used, findings, operations);
    }
}
