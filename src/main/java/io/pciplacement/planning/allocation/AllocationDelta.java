package io.pciplacement.planning.allocation;

import io.pciplacement.placement.ResourceClass;
import java.util.UUID;

/**
 * Desired and actual units of one provider for a consumer.
 *
 * @param consumer uuid of the consumer, in a move also of the migration
 * @param desired 0 for units that the consumer's devices do not explain
 */
public record AllocationDelta(
        UUID consumer, String provider, UUID providerUuid, ResourceClass resourceClass, int desired, int actual) {

    public boolean isInSync() {
        return desired == actual;
    }
}
