package io.pciplacement.sync;

import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.planning.finding.RewrittenByOther;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Detects that another client changes providers back each time the operator has written them. Two writers that want
 * different things never come to rest, so after the second time the operator stops writing such a provider. What an
 * administrator reserves is not counted: the operator keeps it anyway.
 */
final class RewriteDetector {

    private static final int REVERTS = 2;

    /** Reverts that are further apart are separate events, each put right by one write. */
    private static final Duration WINDOW = Duration.ofHours(1);

    private final InstantSource clock;
    private final Map<UUID, History> histories = new ConcurrentHashMap<>();

    /**
     * What is wanted of a provider; another wish starts a new history.
     *
     * @param totals the total of each resource class
     */
    private record DesiredState(SortedMap<ResourceClass, Integer> totals, SortedSet<Trait> traits) {

        static RewriteDetector.DesiredState of(
                SortedMap<ResourceClass, Inventory> inventories, SortedSet<Trait> traits) {
            SortedMap<ResourceClass, Integer> totals = new TreeMap<>();
            inventories.forEach((resourceClass, inventory) -> totals.put(resourceClass, inventory.total()));
            return new RewriteDetector.DesiredState(totals, traits);
        }

        /** What this has and another has not. */
        String beside(RewriteDetector.DesiredState other) {
            List<String> parts = new ArrayList<>();
            if (!totals.equals(other.totals)) {
                totals.forEach((resourceClass, total) -> parts.add("%d %s".formatted(total, resourceClass)));
                if (totals.isEmpty()) {
                    parts.add("no inventory");
                }
            }
            SortedSet<Trait> more = new TreeSet<>(traits);
            more.removeAll(other.traits);
            more.forEach(trait -> parts.add("trait " + trait));
            return parts.isEmpty() ? "no more" : String.join(", ", parts);
        }
    }

    /**
     * What happened to one wish.
     *
     * @param written whether Placement had it so after the last write
     */
    private record History(RewriteDetector.DesiredState wish, boolean written, int reverts, Instant last) {}

    RewriteDetector(InstantSource clock) {
        this.clock = clock;
    }

    /** The decision, or, if the provider is changed back repeatedly, one that leaves it as it is. */
    ProviderDecision judge(ProviderDecision decision, @Nullable ObservedProvider view) {
        if (decision.state() == State.REMOVED || decision.operations().isEmpty()) {
            // The other client has given in.
            histories.computeIfPresent(decision.uuid(), (uuid, history) -> history.written() ? history : null);
            return decision;
        }
        RewriteDetector.DesiredState wish = RewriteDetector.DesiredState.of(decision.inventories(), decision.traits());
        RewriteDetector.DesiredState found =
                view == null ? null : RewriteDetector.DesiredState.of(view.inventories(), view.traits());
        History history = histories.get(decision.uuid());
        if (history == null || !history.wish().equals(wish) || wish.equals(found)) {
            return decision;
        }
        int reverts = history.reverts();
        if (history.written()) {
            Instant now = clock.instant();
            reverts = now.isAfter(history.last().plus(WINDOW)) ? 1 : reverts + 1;
            histories.put(decision.uuid(), new History(wish, false, reverts, now));
        }
        if (reverts < REVERTS) {
            return decision;
        }
        return decision.asContested(
                view,
                new RewrittenByOther(
                        decision.name(),
                        found == null ? "the provider" : wish.beside(found),
                        found == null ? "none of that name, since it is deleted each time" : found.beside(wish)));
    }

    /** Placement has it so now. */
    void written(ProviderDecision decision) {
        if (decision.state() == State.REMOVED) {
            histories.remove(decision.uuid());
        } else if (decision.state() != State.CONTESTED && !decision.operations().isEmpty()) {
            RewriteDetector.DesiredState wish =
                    RewriteDetector.DesiredState.of(decision.inventories(), decision.traits());
            histories.compute(
                    decision.uuid(),
                    (uuid, before) -> before != null && before.wish().equals(wish)
                            ? new History(wish, true, before.reverts(), before.last())
                            : new History(wish, true, 0, clock.instant()));
        }
    }

    /** The host is not written now; once it is again, its providers are, too. */
    void forget(ProviderDecision decision) {
        histories.remove(decision.uuid());
    }
}
