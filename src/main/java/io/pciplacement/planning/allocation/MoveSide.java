package io.pciplacement.planning.allocation;

import java.util.List;
import java.util.UUID;

/**
 * What one consumer should have of our providers.
 *
 * @param exact whether what its devices do not explain is taken away; else only what is missing is added
 * @param optional whether it is well where Placement does not know the consumer
 */
record MoveSide(UUID consumer, List<DeviceRef> devices, boolean exact, boolean optional) {

    /**
     * Both sides of a move, or the one of a consumer that stays. Where the Operator manages the consumer it carries the
     * move itself; else whoever does moves the amounts, and only what is missing is added while that lasts.
     */
    static List<MoveSide> of(DesiredAllocation holding) {
        UUID consumer = holding.consumer().uuid();
        boolean external = holding.consumer().external();
        Move move = holding.move();
        if (move == null) {
            return List.of(new MoveSide(consumer, holding.own(), true, false));
        }
        boolean moving = move.phase() == Move.Phase.MOVING;
        if (external && !moving) {
            return List.of(new MoveSide(consumer, holding.own(), true, false));
        }
        // Nova leaves both ends of an evacuation with the server itself.
        boolean optional = !external || move.kind() == Move.Kind.EVACUATION;
        return List.of(
                new MoveSide(consumer, holding.own(), !external, false),
                new MoveSide(move.migration(), moving ? move.source() : List.of(), !external, optional));
    }
}
