package io.pciplacement.planning.allocation;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Rules of a move, evaluated by the reconciler: a move starts at the consumer's current devices, and is removed only
 * after it has ended. {@link io.pciplacement.planning.admission.MoveChange} applies the same rules to an update of the
 * object; these rules use what is in Placement, so they hold if the webhook was bypassed or unavailable.
 */
public final class MoveRules {

    private MoveRules() {}

    /**
     * Finds a migration for which units were written and which the object does not name any more. Without spec.move the
     * operator would never release these units.
     */
    public static Optional<AllocationProblem> findRemovedMove(DesiredAllocation desired, AllocationRecord record) {
        Set<UUID> unnamed = new TreeSet<>(record.consumerUuids());
        unnamed.removeAll(desired.consumerUuids());
        return unnamed.stream().findFirst().map(AllocationProblem.MoveRemoved::new);
    }

    /**
     * Finds units that the start of a move would take from the consumer without giving them to the migration. The
     * server still uses these devices, so they must not become free.
     *
     * @param deltas the amounts that the operator would write for both sides of the move
     */
    static Optional<AllocationProblem> findSourceMismatch(DesiredAllocation desired, List<AllocationDelta> deltas) {
        Move move = desired.move();
        if (move == null || move.phase() != Move.Phase.MOVING) {
            return Optional.empty();
        }
        Map<UUID, Integer> missing = new HashMap<>();
        deltas.stream()
                .filter(delta -> delta.consumer().equals(move.migration()))
                .filter(delta -> delta.desired() > delta.actual())
                .forEach(delta -> missing.merge(delta.providerUuid(), delta.desired() - delta.actual(), Integer::sum));
        if (missing.isEmpty()) {
            // The migration has the source devices: the move has started before.
            return Optional.empty();
        }
        List<AllocationDelta> lost = deltas.stream()
                .filter(delta -> delta.consumer().equals(desired.consumer().uuid()))
                .filter(delta -> delta.actual() - delta.desired() > missing.getOrDefault(delta.providerUuid(), 0))
                .toList();
        return lost.isEmpty()
                ? Optional.empty()
                : Optional.of(new AllocationProblem.MoveSourceMismatch(
                        desired.consumer().uuid(), move.migration(), lost));
    }
}
