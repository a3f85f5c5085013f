package io.pciplacement.placement;

import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * All that one consumer has in Placement.
 *
 * @param resources amounts by provider and resource class; empty where the consumer has nothing
 * @param projectId the consumer's project
 * @param userId the consumer's user
 * @param generation the consumer's generation, null for a consumer that Placement does not know
 * @param consumerType as {@code INSTANCE} or {@code MIGRATION}; {@code unknown} for a consumer that was claimed for
 *     without one, as Nova does: written back, that leaves it so
 */
public record Allocation(
        Map<UUID, Map<ResourceClass, Integer>> resources,
        String projectId,
        String userId,
        @Nullable Integer generation,
        String consumerType) {

    /** The type of a consumer that was claimed for without one. */
    public static final String UNKNOWN_TYPE = "unknown";

    public Allocation {
        resources = Map.copyOf(resources);
    }

    /** The same consumer with other resources. */
    public Allocation with(Map<UUID, Map<ResourceClass, Integer>> others) {
        return new Allocation(others, projectId, userId, generation, consumerType);
    }
}
