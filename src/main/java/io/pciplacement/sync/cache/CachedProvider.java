package io.pciplacement.sync.cache;

import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.planning.ObservedProvider;
import org.jspecify.annotations.Nullable;

/**
 * Entry of one provider in the {@link ProviderCache}.
 *
 * @param observed its complete state; null if it must be read first
 * @param lastKnown its last known state, of which every change is accounted for; null if nothing was known
 * @param unconfirmedSteps by how much writes without a response may have increased its generation beyond their visible
 *     changes
 * @param invalidated whether it may have changed since it was listed, so that older state is not valid
 * @param changedAt logical time of its last change in the cache
 */
public record CachedProvider(
        ResourceProvider provider,
        @Nullable ObservedProvider observed,
        @Nullable ObservedProvider lastKnown,
        int unconfirmedSteps,
        boolean invalidated,
        long changedAt) {

    static CachedProvider of(ObservedProvider observed, long changedAt) {
        return new CachedProvider(observed.provider(), observed, observed, 0, false, changedAt);
    }

    /** A provider of which nothing but its existence is known. */
    static CachedProvider unread(ResourceProvider listed, long changedAt) {
        return new CachedProvider(listed, null, null, 0, false, changedAt);
    }

    /** Whether the provider was created and has no traits yet: it is not in the listing. */
    boolean awaitsTraits() {
        return observed != null && observed.traits().isEmpty();
    }

    /** Without its state, which must be read again, since another client has changed the provider. */
    CachedProvider changedElsewhere(ResourceProvider listed, long at) {
        return new CachedProvider(listed, null, lastKnown, unconfirmedSteps, false, at);
    }

    /** Without its state, which a write without a response may have changed. */
    CachedProvider invalidated(int additionalSteps, long at) {
        return new CachedProvider(provider, null, lastKnown, unconfirmedSteps + additionalSteps, true, at);
    }
}
