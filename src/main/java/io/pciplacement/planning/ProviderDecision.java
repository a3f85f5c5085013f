package io.pciplacement.planning;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.finding.DeviceIdentity;
import io.pciplacement.planning.finding.Finding;
import io.pciplacement.planning.finding.RewrittenByOther;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is to become of one provider: how it stands, what is to be done, and what it will then be.
 *
 * @param spec the spec that its devices follow, null where none decides
 * @param devices how many devices are counted on it
 * @param deviceType what its inventory counts, null where nobody knows
 * @param inventories as they will be once all is done
 * @param traits as they will be once all is done
 * @param findings why it is not simply as wanted, the gravest first; empty where it is
 * @param operations what is to be done, in this order; empty where Placement has it so already
 * @param card the card that those who use it were given; null where nobody uses it, or nobody knows
 * @param uncleaned that its device has been used and not been cleaned since; null if it has not been used
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
        @Nullable DeviceIdentity card,
        @Nullable UncleanedDevice uncleaned) {

    /** How a provider stands to what is wanted of it, once its operations are done. */
    public enum State {
        /** As wanted. */
        WANTED,
        /** In use, and no longer wanted, or wanted differently. */
        HELD,
        /** Somebody else's still: it would become ours, and like this. */
        PROPOSED,
        /** The specs contradict each other; it stays as it is. */
        CONFLICTING,
        /** Not wanted and not in use, but it must not go yet. */
        ORPHANED,
        /** Not wanted and not in use: it has no inventory and stays, because the root is another service's. */
        RETIRED,
        /** Another client has changed it back repeatedly; it is left as it is. */
        CONTESTED,
        /** Not wanted any more: it goes. */
        REMOVED
    }

    /** A decision on a provider that nobody is known to use. */
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

    /** Whether Placement has the provider, as one of ours, before anything is done. */
    public boolean exists() {
        if (state == State.PROPOSED || operations.stream().anyMatch(ProviderOperation.Adopt.class::isInstance)) {
            return false;
        }
        boolean known = !inventories.isEmpty() || !traits.isEmpty() || !operations.isEmpty();
        return known && operations.stream().noneMatch(ProviderOperation.Create.class::isInstance);
    }

    public ProviderDecision {
        inventories = Collections.unmodifiableSortedMap(new TreeMap<>(inventories));
        traits = Collections.unmodifiableSortedSet(new TreeSet<>(traits));
        findings = List.copyOf(findings);
        operations = List.copyOf(operations);
    }

    /** The same, and these findings as well. */
    ProviderDecision beside(List<? extends Finding> others) {
        return others.isEmpty()
                ? this
                : with(
                        state,
                        Stream.concat(others.stream(), findings.stream())
                                .sorted(Finding.GRAVEST_FIRST)
                                .toList(),
                        operations);
    }

    /** The same, with the card that is to be remembered. */
    ProviderDecision behindIt(@Nullable DeviceIdentity remembered) {
        return remembering(remembered, uncleaned);
    }

    /** The same of a device that has been used and not been cleaned since: everything of it is reserved. */
    ProviderDecision uncleaned(
            UncleanedDevice record, SortedMap<ResourceClass, Inventory> reserved, List<ProviderOperation> reserving) {
        return with(state, findings, reserving)
                .having(deviceType, reserved, traits)
                .remembering(card, record);
    }

    /** Nothing of all this: another client changes the provider back, so Placement keeps what it has. */
    public ProviderDecision contested(@Nullable ObservedProvider view, RewrittenByOther why) {
        ProviderDecision left = with(State.CONTESTED, findingsAfter(why), List.of());
        return view == null ? left.having(deviceType, new TreeMap<>(), new TreeSet<>()) : left.as(view);
    }

    /** Nothing of all this: another card is there than those who use the provider were given. */
    ProviderDecision keptAsIs(ObservedProvider view, Finding.DeviceReplaced why) {
        ProviderDecision kept = state == State.CONFLICTING
                ? with(
                        state,
                        findingsAfter(why).stream()
                                .sorted(Finding.GRAVEST_FIRST)
                                .toList(),
                        List.of())
                : with(State.HELD, List.of(why), List.of());
        return kept.as(view).behindIt(why.before());
    }

    /** The same of a provider that becomes ours first. */
    ProviderDecision adopting(ObservedProvider theirs, ObservedProvider marked) {
        List<ProviderOperation> all = new ArrayList<>(List.of(new ProviderOperation.Adopt(theirs, marked)));
        all.addAll(operations);
        return with(state, findings, all);
    }

    /** The same, only told: whose provider it is, and what of it would be another. */
    ProviderDecision proposed(ObservedProvider theirs) {
        return with(State.PROPOSED, findingsAfter(adoptable(theirs)), List.of()).remembering(null, null);
    }

    /** What adoption of another client's provider would change. */
    private Finding.Adoptable adoptable(ObservedProvider theirs) {
        List<String> changes = new ArrayList<>();
        traits().stream().filter(trait -> !theirs.traits().contains(trait)).forEach(trait -> changes.add("+" + trait));
        theirs.traits().stream().filter(trait -> !traits().contains(trait)).forEach(trait -> changes.add("-" + trait));
        if (!inventories.equals(theirs.inventories())) {
            changes.add(units(theirs.inventories()) + " -> " + units(inventories()));
        }
        return new Finding.Adoptable(theirs.name(), theirs.uuid(), changes, theirs.consumers());
    }

    private static String units(Map<ResourceClass, Inventory> inventories) {
        return inventories.isEmpty()
                ? "no inventory"
                : inventories.entrySet().stream()
                        .map(entry -> "%d %s".formatted(entry.getValue().total(), entry.getKey()))
                        .collect(Collectors.joining(" and "));
    }

    private List<Finding> findingsAfter(Finding first) {
        return Stream.concat(Stream.of(first), findings.stream()).toList();
    }

    private ProviderDecision as(ObservedProvider view) {
        return having(view.countedAs(), view.inventories(), view.traits());
    }

    private ProviderDecision with(State other, List<Finding> why, List<ProviderOperation> todo) {
        return new ProviderDecision(
                name, uuid, other, spec, devices, deviceType, inventories, traits, used, why, todo, card, uncleaned);
    }

    private ProviderDecision having(
            @Nullable DeviceType counted, SortedMap<ResourceClass, Inventory> offered, SortedSet<Trait> described) {
        return new ProviderDecision(
                name,
                uuid,
                state,
                spec,
                devices,
                counted,
                offered,
                described,
                used,
                findings,
                operations,
                card,
                uncleaned);
    }

    private ProviderDecision remembering(@Nullable DeviceIdentity given, @Nullable UncleanedDevice record) {
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
                given,
                record);
    }
}
