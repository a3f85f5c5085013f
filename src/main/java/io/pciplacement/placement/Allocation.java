package io.pciplacement.placement;

import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Allocation of one consumer: everything that Placement has allocated to it.
 *
 * @param resources amounts by provider and resource class; empty if nothing is allocated
 * @param projectId the consumer's project
 * @param userId the consumer's user
 * @param generation the consumer's generation, null for a consumer that Placement does not know
 * @param consumerType the consumer's type, such as {@code INSTANCE} or {@code MIGRATION}; {@code unknown} for a
 *     consumer created without a type, as Nova does; writing {@code unknown} back leaves the type unset
 */
public record Allocation(
        Map<UUID, Map<ResourceClass, Integer>> resources,
        String projectId,
        String userId,
        @Nullable Integer generation,
        String consumerType) {

    /** The type of a consumer that was created without a type. */
    public static final String UNKNOWN_TYPE = "unknown";

    /** The type of the consumers that Nova creates for moves. */
    public static final String MIGRATION_TYPE = "MIGRATION";

    public Allocation {
        resources = Map.copyOf(resources);
    }

    /** A copy with other resources. */
    public Allocation withResources(Map<UUID, Map<ResourceClass, Integer>> newResources) {
        return new Allocation(newResources, projectId, userId, generation, consumerType);
    }
}
