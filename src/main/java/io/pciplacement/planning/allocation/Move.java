package io.pciplacement.planning.allocation;

import java.util.List;
import java.util.UUID;

/**
 * Move of a consumer from some devices to others.
 *
 * @param migration the consumer that has the source devices during the move
 * @param source the devices that the consumer leaves, or to which it returns
 */
public record Move(Kind kind, UUID migration, Phase phase, List<DeviceRef> source) {

    /** Kind of move. */
    public enum Kind {
        COLD_MIGRATION,
        RESIZE,
        LIVE_MIGRATION,
        EVACUATION
    }

    /** Phase of a move. */
    public enum Phase {
        /** The migration has the source devices, the consumer those of the destination. */
        MOVING,
        /** The source devices are released. */
        CONFIRM,
        /** The destination devices are released, and the consumer returns to the source devices. */
        REVERT
    }

    public Move {
        source = List.copyOf(source);
    }
}
