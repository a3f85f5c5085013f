package io.pciplacement.sync.cache;

import io.pciplacement.placement.Trait;
import io.pciplacement.planning.ObservedProvider;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Providers of one-time-use devices that were or may have been in use since {@link #clear} was called for them, with
 * the units that an administrator had reserved.
 */
final class SuspectedUses {

    private final Map<UUID, Integer> reservedUnits = new HashMap<>();

    /** Marks a provider that may have been in use since its last known state. */
    void mark(ObservedProvider lastKnown) {
        if (lastKnown.traits().contains(Trait.ONE_TIME_USE)) {
            mark(lastKnown.uuid(), lastKnown.reservedUnits());
        }
    }

    /** Marks a provider if it is in use. */
    void markIfUsed(ObservedProvider observed) {
        if (!observed.allocations().isEmpty()) {
            mark(observed);
        }
    }

    /** An existing mark is kept. */
    void mark(UUID uuid, int reservedByAdministrator) {
        reservedUnits.putIfAbsent(uuid, reservedByAdministrator);
    }

    /** The units that an administrator had reserved; null if the provider is not marked. */
    @Nullable Integer findReservation(UUID uuid) {
        return reservedUnits.get(uuid);
    }

    void clear(UUID uuid) {
        reservedUnits.remove(uuid);
    }
}
