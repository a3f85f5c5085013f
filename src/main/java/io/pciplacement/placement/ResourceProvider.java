package io.pciplacement.placement;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Resource provider as listed by Placement.
 *
 * @param parent the uuid of its parent, null for a root
 * @param root the uuid of the root of its tree, for a root its own
 * @param generation increases with every change of its inventories, traits or aggregates and with new allocations, but
 *     not when an allocation is deleted
 */
public record ResourceProvider(
        UUID uuid, String name, @Nullable UUID parent, UUID root, int generation) {}
