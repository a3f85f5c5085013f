package io.pciplacement.planning.allocation;

import io.pciplacement.placement.Allocation;
import java.util.Map;
import java.util.UUID;

/**
 * A consumer of Placement, as an administrator names it.
 *
 * @param external whether somebody else makes and removes its allocation, so that only the PCI part is completed here
 */
public record Consumer(UUID uuid, String type, String projectId, String userId, boolean external) {

    /** What a consumer that Placement does not know has: nothing. */
    Allocation unknown() {
        return new Allocation(Map.of(), projectId, userId, null, type);
    }
}
