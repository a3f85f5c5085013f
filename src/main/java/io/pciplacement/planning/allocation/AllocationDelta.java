package io.pciplacement.planning.allocation;

import io.pciplacement.placement.ResourceClass;
import java.util.UUID;

/**
 * How much of a provider a consumer should have, and how much it was found to have.
 *
 * @param consumer the consumer's uuid, in a move also the migration's
 * @param wanted 0 for what its devices do not explain
 */
public record AllocationDelta(
        UUID consumer, String provider, UUID uuid, ResourceClass resourceClass, int wanted, int found) {

    public boolean right() {
        return wanted == found;
    }
}
