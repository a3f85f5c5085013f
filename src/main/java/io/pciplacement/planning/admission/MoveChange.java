package io.pciplacement.planning.admission;

import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.DeviceRef;
import io.pciplacement.planning.allocation.Move;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * Evaluation of a change of spec.move: a move starts at the consumer's current devices, and is removed only after it
 * has ended. For objects that were not validated, {@link io.pciplacement.planning.allocation.MoveRules} applies the
 * same rules to the allocations in Placement.
 */
public final class MoveChange {

    /** How far the operator has executed the move of an object, according to the object's status. */
    public enum Progress {
        /** The move was rejected, and the migration has no allocation. */
        NOT_STARTED,
        /** The move was rejected because the consumer has other devices in Placement than the source devices. */
        SOURCE_MISMATCH,
        /** The move was not evaluated yet, or the migration may have allocations. */
        IN_PROGRESS,
        /** The source devices are released. */
        CONFIRMED,
        /** The destination devices are released. */
        REVERTED
    }

    private MoveChange() {}

    /**
     * Evaluates an update.
     *
     * @param before the allocation before the update, with the devices that the consumer has according to the object
     * @param after the allocation after the update, with the devices that its spec lists
     * @return reasons for the rejection, one sentence each; empty if the update is allowed
     */
    public static List<String> findErrors(DesiredAllocation before, Progress progress, DesiredAllocation after) {
        if (Objects.equals(before.move(), after.move())) {
            return List.of();
        }
        if (before.move() == null) {
            return after.move() == null ? List.of() : findStartErrors(before, after.move());
        }
        return after.move() == null ? findRemovalErrors(before.move(), progress, after) : List.of();
    }

    private static List<String> findStartErrors(DesiredAllocation before, Move move) {
        Set<DeviceRef> currentDevices = new TreeSet<>(before.devices());
        Set<DeviceRef> sourceDevices = new TreeSet<>(move.source());
        return currentDevices.equals(sourceDevices)
                ? List.of()
                : List.of(
                        "spec.move.sourceDevices: must be the consumer's current devices %s, not %s. Set spec.devices to the devices of the destination."
                                .formatted(currentDevices, sourceDevices));
    }

    private static List<String> findRemovalErrors(Move move, Progress progress, DesiredAllocation after) {
        boolean atSource = new TreeSet<>(move.source()).equals(new TreeSet<>(after.devices()));
        if (progress == Progress.SOURCE_MISMATCH) {
            return List.of();
        }
        if (progress == Progress.NOT_STARTED) {
            return atSource
                    ? List.of()
                    : List.of(
                            "spec.devices: the move was not started, so the consumer still has %s. Set spec.devices to these devices in the update that removes spec.move."
                                    .formatted(move.source()));
        }
        return switch (move.phase()) {
            case MOVING ->
                List.of(
                        "spec.move: the move of migration %s has not ended. Set spec.move.phase to Confirm or Revert first, and remove spec.move once status.phase is Confirmed or Reverted."
                                .formatted(move.migration()));
            case CONFIRM -> progress == Progress.CONFIRMED ? List.of() : List.of(unfinishedError(move, "Confirmed"));
            case REVERT -> {
                List<String> errors = new ArrayList<>();
                if (!atSource) {
                    errors.add(
                            "spec.devices: the move of migration %s was reverted, so the consumer has %s again. Set spec.devices to these devices in the update that removes spec.move."
                                    .formatted(move.migration(), move.source()));
                }
                if (progress != Progress.REVERTED) {
                    errors.add(unfinishedError(move, "Reverted"));
                }
                yield errors;
            }
        };
    }

    private static String unfinishedError(Move move, String finalPhase) {
        return "spec.move: cannot be removed before status.phase is %s, because migration %s may still have allocations. Wait until status.phase is %s."
                .formatted(finalPhase, move.migration(), finalPhase);
    }
}
