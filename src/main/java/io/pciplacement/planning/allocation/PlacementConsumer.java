package io.pciplacement.planning.allocation;

import io.pciplacement.placement.Allocation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Placement consumer as specified by an administrator.
 *
 * @param managedExternally whether another service creates and deletes its allocation, so that the operator only adds
 *     the PCI part
 */
public record PlacementConsumer(UUID uuid, String type, String projectId, String userId, boolean managedExternally) {

    /** Returns the consumer that has the source devices of this consumer's move. */
    PlacementConsumer migrationConsumer(UUID migration) {
        return new PlacementConsumer(migration, Allocation.MIGRATION_TYPE, projectId, userId, managedExternally);
    }

    /**
     * Returns which of project, user and type differ from Placement; empty for a consumer that Placement does not know.
     * A consumer that was created without a type matches any type.
     */
    public List<String> mismatches(Allocation allocation) {
        List<String> differing = new ArrayList<>();
        if (allocation.generation() != null) {
            if (!projectId.equals(allocation.projectId())) {
                differing.add("project");
            }
            if (!userId.equals(allocation.userId())) {
                differing.add("user");
            }
            if (!type.equals(allocation.consumerType())
                    && !allocation.consumerType().equals(Allocation.UNKNOWN_TYPE)) {
                differing.add("type");
            }
        }
        return differing;
    }

    /** Returns the empty allocation of a consumer that Placement does not know. */
    Allocation emptyAllocation() {
        return new Allocation(Map.of(), projectId, userId, null, type);
    }
}
