package io.pciplacement.planning.allocation;

import java.util.List;
import java.util.UUID;

/**
 * Source or destination of a move: the devices that one consumer should have.
 *
 * @param exact whether units that its devices do not explain are removed; otherwise only missing units are added
 * @param optional whether a consumer that Placement does not know is no problem
 */
record MoveSide(UUID consumer, List<DeviceRef> devices, boolean exact, boolean optional) {

    /**
     * Returns both sides of a move, or the only side without one. If the operator manages the consumer, it executes the
     * move itself; otherwise the manager moves the units, and only missing units are added during the move.
     */
    static List<MoveSide> sidesOf(DesiredAllocation desired) {
        UUID consumer = desired.consumer().uuid();
        boolean external = desired.consumer().managedExternally();
        Move move = desired.move();
        if (move == null) {
            return List.of(new MoveSide(consumer, desired.currentDevices(), !desired.discovered(), false));
        }
        boolean moving = move.phase() == Move.Phase.MOVING;
        if (external && !moving) {
            return List.of(new MoveSide(consumer, desired.currentDevices(), true, false));
        }
        // In an evacuation, Nova keeps the allocations of both ends on the server itself.
        boolean optional = !external || move.kind() == Move.Kind.EVACUATION;
        return List.of(
                new MoveSide(consumer, desired.currentDevices(), !external, false),
                new MoveSide(move.migration(), moving ? move.source() : List.of(), !external, optional));
    }
}
