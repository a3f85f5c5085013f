package io.pciplacement.planning.allocation;

import java.util.List;
import java.util.UUID;

/**
 * A consumer on its way from some devices to others.
 *
 * @param migration the consumer that has the source's devices meanwhile
 * @param source the devices that are left, or returned to
 */
public record Move(Kind kind, UUID migration, Phase phase, List<DeviceRef> source) {

    /** What kind of move it is. */
    public enum Kind {
        COLD_MIGRATION,
        RESIZE,
        LIVE_MIGRATION,
        EVACUATION
    }

    /** How far it is. */
    public enum Phase {
        /** The migration has the source, the consumer the destination. */
        MOVING,
        /** The source is let go. */
        CONFIRM,
        /** The destination is let go, and the consumer is back at the source. */
        REVERT
    }

    public Move {
        source = List.copyOf(source);
    }
}
