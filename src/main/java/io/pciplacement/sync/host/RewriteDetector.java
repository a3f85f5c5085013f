package io.pciplacement.sync.host;

import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.planning.finding.RewrittenByOther;
import io.pciplacement.sync.cache.RevertCount;
import io.pciplacement.sync.host.HostSyncRequest.WriteScope;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Detects that another client reverts providers each time the operator has written them. Two writers with different
 * desired states would never converge, so the operator stops writing such a provider after the second revert. Of a
 * provider that nova-compute writes, the operator writes the reservation only, so that is compared. Of other providers
 * the reservation does not count: the operator keeps the one of an administrator.
 */
final class RewriteDetector {

    private final InstantSource clock;
    private final Map<UUID, History> histories = new ConcurrentHashMap<>();

    /**
     * Desired state of what the operator writes of a provider. A different desired state starts a new history.
     *
     * @param units the total, or the reserved units, of each resource class
     * @param reserved whether the units are the reserved ones
     */
    private record DesiredState(SortedMap<ResourceClass, Integer> units, SortedSet<Trait> traits, boolean reserved) {

        static DesiredState of(
                WriteScope scope, SortedMap<ResourceClass, Inventory> inventories, SortedSet<Trait> traits) {
            return scope == WriteScope.RESERVATIONS
                    ? new DesiredState(Inventory.reservations(inventories), new TreeSet<>(), true)
                    : new DesiredState(Inventory.totals(inventories), traits, false);
        }

        /** What this state has and another does not. */
        String describeExcess(DesiredState other) {
            List<String> parts = new ArrayList<>();
            if (!units.equals(other.units)) {
                units.forEach((resourceClass, amount) ->
                        parts.add("%d %s%s".formatted(amount, resourceClass, reserved ? " reserved" : "")));
                if (units.isEmpty()) {
                    parts.add("no inventory");
                }
            }
            SortedSet<Trait> more = new TreeSet<>(traits);
            more.removeAll(other.traits);
            more.forEach(trait -> parts.add("trait " + trait));
            return parts.isEmpty() ? "no more" : String.join(", ", parts);
        }
    }

    /** History of one desired state. */
    private record History(DesiredState desired, RevertCount count) {}

    RewriteDetector(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Returns the decision or, if the provider is reverted repeatedly, a decision that leaves it unchanged.
     *
     * @param scope what the operator writes of the provider
     */
    ProviderDecision checkForRewrites(
            ProviderDecision decision, @Nullable ObservedProvider observed, WriteScope scope) {
        if (decision.state() == State.REMOVED || decision.operations().isEmpty()) {
            // The other client has stopped reverting.
            histories.computeIfPresent(
                    decision.uuid(), (uuid, history) -> history.count().pending() ? history : null);
            return decision;
        }
        DesiredState desired = DesiredState.of(scope, decision.inventories(), decision.traits());
        DesiredState observedState =
                observed == null ? null : DesiredState.of(scope, observed.inventories(), observed.traits());
        History history = histories.get(decision.uuid());
        if (history == null || !history.desired().equals(desired) || desired.equals(observedState)) {
            return decision;
        }
        RevertCount count = history.count().reverted(clock.instant());
        histories.put(decision.uuid(), new History(desired, count));
        if (!count.isContested()) {
            return decision;
        }
        return decision.asContested(
                observed,
                new RewrittenByOther(
                        decision.name(),
                        observedState == null ? "the provider" : desired.describeExcess(observedState),
                        observedState == null
                                ? "none of that name, since it is deleted each time"
                                : observedState.describeExcess(desired)));
    }

    /** Records that a decision was written. */
    void recordWrite(ProviderDecision decision, WriteScope scope) {
        if (decision.state() == State.REMOVED) {
            histories.remove(decision.uuid());
        } else if (decision.state() != State.CONTESTED && !decision.operations().isEmpty()) {
            DesiredState desired = DesiredState.of(scope, decision.inventories(), decision.traits());
            histories.compute(
                    decision.uuid(),
                    (uuid, before) -> new History(
                            desired,
                            before != null && before.desired().equals(desired)
                                    ? before.count().nextWrite(before.count().lastChange())
                                    : RevertCount.firstWrite(clock.instant())));
        }
    }

    /** Forgets the history of a provider, since its host is not written at present. */
    void clearHistory(ProviderDecision decision) {
        histories.remove(decision.uuid());
    }
}
