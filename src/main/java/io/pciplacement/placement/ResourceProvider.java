package io.pciplacement.placement;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A resource provider as Placement lists it.
 *
 * @param parent its parent's uuid, null for a root
 * @param root its tree's root, itself for a root
 * @param generation moves with every change of its inventories, traits or aggregates and with new allocations, but not
 *     when an allocation is deleted
 */
public record ResourceProvider(
        UUID uuid, String name, @Nullable UUID parent, UUID root, int generation) {}
