package io.pciplacement.sync;

import io.pciplacement.placement.NameNormalizer;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderAllocations;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.sync.cache.HostRootIndex;
import io.pciplacement.sync.cache.PlacementNameRegistry;
import io.pciplacement.sync.cache.ProviderCache;
import io.pciplacement.sync.host.RootProviderResolver;
import io.pciplacement.sync.root.ForeignProviderListing;
import io.pciplacement.sync.root.RootProviderCache;
import io.pciplacement.sync.state.PlacementState;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Connection to Placement, and the sweep that compares the cached state of the whole cloud with one listing. Used by
 * one thread, except for the state and the names.
 */
final class CloudSweep {

    /** How many providers in use are re-read for changed allocations in one sweep. */
    private static final int USAGES_PER_SWEEP = 100;

    /** How many hosts' trees are read in one sweep that were not read when the operator connected. */
    private static final int TREES_PER_SWEEP = 50;

    private final PlacementClient placement;
    private final OwnershipTraits ownershipTraits;
    private final ProviderCache providerCache;
    private final RootProviderCache rootCache;
    private final ForeignProviderListing foreignListing;
    private final RootProviderResolver rootResolver;
    private final PlacementNameRegistry nameRegistry;
    private final HostRootIndex hostRoots;
    private volatile PlacementState state = new PlacementState.Connecting();
    private volatile @Nullable NameNormalizer normalizer;

    /**
     * The state that was last reported to the hosts: the reason why Placement cannot be used, or the empty string. Used
     * by sweeps only.
     */
    private @Nullable String lastReportedState;

    CloudSweep(
            PlacementClient placement,
            OwnershipTraits ownershipTraits,
            ProviderCache providerCache,
            RootProviderCache rootCache,
            ForeignProviderListing foreignListing,
            RootProviderResolver rootResolver,
            PlacementNameRegistry nameRegistry,
            HostRootIndex hostRoots) {
        this.placement = placement;
        this.ownershipTraits = ownershipTraits;
        this.providerCache = providerCache;
        this.rootCache = rootCache;
        this.foreignListing = foreignListing;
        this.rootResolver = rootResolver;
        this.nameRegistry = nameRegistry;
        this.hostRoots = hostRoots;
    }

    PlacementState state() {
        return state;
    }

    /** A request has failed for a reason that concerns all hosts. The next sweep checks the connection. */
    void onUnavailable(PlacementState.Unavailable unavailable) {
        state = unavailable;
    }

    /** Normalizer with the standard names of Placement; without any before Placement was connected. */
    NameNormalizer nameNormalizer() {
        NameNormalizer loaded = normalizer;
        return loaded == null ? new NameNormalizer(Set.of(), Set.of()) : loaded;
    }

    /**
     * Loads the standard names once. This is the only request of a standby.
     *
     * @return whether the names are known
     */
    boolean loadNames() {
        try {
            if (normalizer == null) {
                normalizer = nameRegistry.loadNames();
            }
            return true;
        } catch (PlacementException e) {
            return false;
        }
    }

    /**
     * Reads the whole cloud in two requests and compares it with the cache. Failures of Placement are not thrown; see
     * {@link #state}.
     */
    PlacementSync.Sweep runSweep() {
        Set<UUID> changed = new HashSet<>();
        try {
            if (!(state instanceof PlacementState.Available)) {
                connectToPlacement();
                // Hosts that failed between two sweeps wait for this, although no sweep has reported the failure.
                lastReportedState = "";
                return new PlacementSync.Sweep(Set.of(), true);
            }
            changed.addAll(refreshListing());
            changed.addAll(rootCache.verifyRoots());
            changed.addAll(rootResolver.readUnreadTrees(TREES_PER_SWEEP));
            for (ObservedProvider observed : providerCache.providersInUse(USAGES_PER_SWEEP)) {
                ProviderAllocations allocations = placement.getProviderAllocations(observed.uuid());
                if (providerCache.updateAllocations(observed, allocations)) {
                    changed.add(observed.provider().root());
                }
            }
            Set<String> nodes = hostRoots.nodesOf(changed);
            nodes.addAll(rootCache.findNodesWithNewRoot());
            return new PlacementSync.Sweep(nodes, updateReportedState());
        } catch (PlacementException.NotFound e) {
            // A provider was deleted between the listing and the read. The next listing shows that, but not what this
            // one has shown.
            return new PlacementSync.Sweep(hostRoots.nodesOf(changed), updateReportedState());
        } catch (PlacementException e) {
            state = PlacementState.Unavailable.fromException(e);
            return new PlacementSync.Sweep(Set.of(), updateReportedState());
        }
    }

    /** The cache is kept: the generations in the listing show which entries are still valid. */
    private void connectToPlacement() {
        NameNormalizer loaded = nameRegistry.loadNames();
        normalizer = loaded;
        nameRegistry.ensureExists(Trait.OPERATOR_MANAGED);
        refreshListing();
        rootCache.verifyRoots();
        foreignListing.onConnected();
        state = new PlacementState.Available(loaded, ownershipTraits.resolveTraits(nameRegistry::containsTrait));
    }

    private Set<UUID> refreshListing() {
        long asOf = providerCache.logicalTime();
        List<ResourceProvider> listing = placement.listProvidersWithTrait(Trait.OPERATOR_MANAGED);
        if (listing.isEmpty() && providerCache.providerCount() > 0) {
            // The database of Placement may have been reset; custom names are lost then, too.
            nameRegistry.loadNames();
            nameRegistry.ensureExists(Trait.OPERATOR_MANAGED);
        }
        return providerCache.applyListing(listing, asOf);
    }

    /** Updates the reported state; returns whether it changed. */
    private boolean updateReportedState() {
        String now = state instanceof PlacementState.Unavailable unavailable ? unavailable.reason() : "";
        boolean changed = !now.equals(lastReportedState);
        lastReportedState = now;
        return changed;
    }
}
