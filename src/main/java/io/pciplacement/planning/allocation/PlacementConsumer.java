package io.pciplacement.planning.allocation;

import io.pciplacement.placement.Allocation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A consumer of Placement, as an administrator names it.
 *
 * @param external whether somebody else makes and removes its allocation, so that only the PCI part is completed here
 */
public record PlacementConsumer(UUID uuid, String type, String projectId, String userId, boolean external) {

    /** The type of the consumers that hold one end of a move. */
    static final String MIGRATION = "MIGRATION";

    /** The consumer that holds the source of this consumer's move. */
    PlacementConsumer migration(UUID migration) {
        return new PlacementConsumer(migration, MIGRATION, projectId, userId, external);
    }

    /**
     * Which of project, user and type differ from what Placement knows; empty for a consumer that Placement does not
     * know. A consumer that was created without a type matches any.
     */
    public List<String> mismatches(Allocation present) {
        List<String> differing = new ArrayList<>();
        if (present.generation() != null) {
            if (!projectId.equals(present.projectId())) {
                differing.add("project");
            }
            if (!userId.equals(present.userId())) {
                differing.add("user");
            }
            if (!type.equals(present.consumerType()) && !present.consumerType().equals(Allocation.UNKNOWN_TYPE)) {
                differing.add("type");
            }
        }
        return differing;
    }

    /** What a consumer that Placement does not know has: nothing. */
    Allocation unknown() {
        return new Allocation(Map.of(), projectId, userId, null, type);
    }
}
