package io.pciplacement.sync;

import io.pciplacement.placement.NameNormalizer;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderAllocations;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.planning.allocation.UnaccountedAllocation;
import io.pciplacement.planning.allocation.UnaccountedAllocations;
import io.pciplacement.sync.cache.ConsumerLocks;
import io.pciplacement.sync.cache.PlacementNameRegistry;
import io.pciplacement.sync.cache.ProviderCache;
import io.pciplacement.sync.host.HostSync;
import io.pciplacement.sync.host.HostSyncRequest;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.host.PlanApplier;
import io.pciplacement.sync.host.RootProviderResolver;
import io.pciplacement.sync.index.AllocationIndex;
import io.pciplacement.sync.index.ClaimRevisions;
import io.pciplacement.sync.root.ConsumerRootProviders;
import io.pciplacement.sync.root.ForeignProviderListing;
import io.pciplacement.sync.root.RootProviderCache;
import io.pciplacement.sync.root.RootProviderProblem;
import io.pciplacement.sync.state.FailureAction;
import io.pciplacement.sync.state.PlacementState;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Facade of the synchronization with Placement: the connection state, the caches, and the operations on hosts,
 * allocations and claims. A sweep compares the cached state of the whole cloud with one listing; the sync of a host
 * writes the differences.
 */
public final class PlacementSync {

    /** How many providers in use are re-read for changed allocations in one sweep. */
    private static final int USAGES_PER_SWEEP = 100;

    /** How many hosts' trees are read in one sweep that were not read when the operator connected. */
    private static final int TREES_PER_SWEEP = 50;

    private final PlacementClient placement;
    private final OwnershipTraits ownershipTraits;
    private final ProviderCache providerCache = new ProviderCache();
    private final RootProviderCache rootCache;
    private final ForeignProviderListing foreignListing;
    private final RootProviderResolver rootResolver;
    private final PlacementNameRegistry nameRegistry;
    private final HostSync hostSync;
    private final HostCapacityCache capacityCache;
    private final AllocationWriter writer;
    private final AllocationSync allocationSync;
    private final ClaimExecutor claimExecutor;
    private final Map<UUID, String> nodesByRoot = new ConcurrentHashMap<>();
    private final ConsumerLocks consumerLocks = new ConsumerLocks();
    private volatile PlacementState state = new PlacementState.Connecting();
    private volatile @Nullable NameNormalizer normalizer;

    /**
     * The state that was last reported to the hosts: the reason why Placement cannot be used, or the empty string. Used
     * by sweeps only.
     */
    private @Nullable String lastReportedState;

    /**
     * Creates the facade without sending a request.
     *
     * @param ownershipTraits the traits that mark the operator's providers
     * @param pool executor for the concurrent writes of a host
     */
    public PlacementSync(PlacementClient placement, OwnershipTraits ownershipTraits, ExecutorService pool) {
        this(placement, ownershipTraits, pool, InstantSource.system());
    }

    /** The same with a given clock. */
    public PlacementSync(
            PlacementClient placement, OwnershipTraits ownershipTraits, ExecutorService pool, InstantSource clock) {
        this.placement = placement;
        this.ownershipTraits = ownershipTraits;
        this.nameRegistry = new PlacementNameRegistry(placement);
        this.rootCache = new RootProviderCache(placement, providerCache);
        this.foreignListing = new ForeignProviderListing(placement, clock);
        this.rootResolver = new RootProviderResolver(placement, providerCache, rootCache, foreignListing);
        this.hostSync = new HostSync(
                placement,
                providerCache,
                rootResolver,
                new PlanApplier(placement, providerCache, nameRegistry, pool),
                clock);
        this.capacityCache = new HostCapacityCache(providerCache);
        this.writer = new AllocationWriter(placement, providerCache, nodesByRoot);
        ConsumerRootProviders roots = new ConsumerRootProviders(placement, providerCache, nodesByRoot);
        this.allocationSync = new AllocationSync(placement, providerCache, capacityCache, writer, roots, clock);
        this.claimExecutor = new ClaimExecutor(placement, providerCache, capacityCache, writer, roots);
    }

    public PlacementState placementState() {
        return state;
    }

    /** Normalizer with the standard names of Placement; without any before Placement was connected. */
    public NameNormalizer nameNormalizer() {
        NameNormalizer loaded = normalizer;
        return loaded == null ? new NameNormalizer(Set.of(), Set.of()) : loaded;
    }

    /**
     * Loads the standard names once. This is the only request of a standby.
     *
     * @return whether the names are known
     */
    public boolean loadNames() {
        try {
            if (normalizer == null) {
                normalizer = nameRegistry.loadNames();
            }
            return true;
        } catch (PlacementException e) {
            return false;
        }
    }

    /** Number of the operator's providers that Placement is known to have. */
    public int providerCount() {
        return providerCache.providerCount();
    }

    /**
     * Result of a sweep.
     *
     * @param nodes the nodes whose providers differ from the cache
     * @param stateChanged whether Placement has become available or unavailable
     */
    public record Sweep(Set<String> nodes, boolean stateChanged) {}

    /**
     * Reads the whole cloud in two requests and compares it with the cache. Failures of Placement are not thrown; see
     * {@link #placementState}.
     */
    public Sweep runSweep() {
        Set<UUID> changed = new HashSet<>();
        try {
            if (!(state instanceof PlacementState.Available)) {
                connectToPlacement();
                // Hosts that failed between two sweeps wait for this, although no sweep has reported the failure.
                lastReportedState = "";
                return new Sweep(Set.of(), true);
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
            Set<String> nodes = nodesOfRoots(changed);
            nodes.addAll(rootCache.findNodesWithNewRoot());
            return new Sweep(nodes, updateReportedState());
        } catch (PlacementException.NotFound e) {
            // A provider was deleted between the listing and the read. The next listing shows that, but not what this
            // one has shown.
            return new Sweep(nodesOfRoots(changed), updateReportedState());
        } catch (PlacementException e) {
            state = PlacementState.Unavailable.fromException(e);
            return new Sweep(Set.of(), updateReportedState());
        }
    }

    private Set<String> nodesOfRoots(Set<UUID> roots) {
        Set<String> nodes = new HashSet<>();
        roots.forEach(root -> Optional.ofNullable(nodesByRoot.get(root)).ifPresent(nodes::add));
        return nodes;
    }

    /** Removes what is cached of a deleted host, so that claims no longer select its devices. */
    public void forgetHost(String node) {
        rootCache.recordFound(node);
        capacityCache.removeHost(node);
        nodesByRoot.values().remove(node);
    }

    /** Removes what is cached of hosts that no longer exist. */
    public void retainHosts(Predicate<String> exists) {
        capacityCache.nodes().stream().filter(exists.negate()).forEach(this::forgetHost);
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

    /** Synchronizes one host. Failures of Placement are part of the result. */
    public HostSyncResult syncHost(HostSyncRequest request) {
        return recordResult(request, hostSync::syncHost);
    }

    /**
     * Reads the state of a host and plans changes without writing. Allocations and claims use the result. No sweep
     * corrects it, so the complete tree is read.
     */
    public HostSyncResult planHost(HostSyncRequest request) {
        foreignListing.expire();
        HostSyncResult result = ifAvailable(
                available -> hostSync.syncHost(request.asDryRun(), available),
                new HostSyncResult.Deferred(),
                HostSyncResult.PlacementUnavailable::new);
        return recordResult(request, result);
    }

    /** The cached state of the operator's providers below a root provider, by name. */
    public Map<String, ObservedProvider> providersBelow(UUID root) {
        return providerCache.observedBelow(root);
    }

    /** The consumers that have allocations of the operator's providers below a root provider. */
    public Set<UUID> consumersBelow(UUID root) {
        Set<UUID> consumers = new HashSet<>();
        providersBelow(root)
                .values()
                .forEach(observed -> consumers.addAll(observed.allocations().keySet()));
        return consumers;
    }

    /** Allocations below a root provider of consumers that have no PciAllocation. */
    public List<UnaccountedAllocation> unaccountedAllocations(UUID root, Predicate<UUID> hasAllocationFor) {
        return providersBelow(root).values().stream()
                .flatMap(
                        observed -> UnaccountedAllocations.findUnaccounted(
                                observed.name(), observed.uuid(), observed.allocations(), hasAllocationFor)
                                .stream())
                .toList();
    }

    /** Removes a deleted host's unused providers from Placement. Failures of Placement are part of the result. */
    public HostSyncResult removeHost(HostSyncRequest request) {
        HostSyncResult result = recordResult(request, hostSync::removeHost);
        capacityCache.removeHost(request.node());
        return result;
    }

    /**
     * Whether claims must consider the host again: its state was unknown when one was executed, or a device has been
     * detached from its server. Resets the flag.
     */
    public boolean pollMissed(String node) {
        return capacityCache.pollMissed(node);
    }

    /**
     * Synchronizes the PCI part of consumers' allocations with their devices. Failures of Placement are part of the
     * result.
     */
    public AllocationSyncResult syncAllocation(AllocationSyncRequest request) {
        return withConsumerLocks(
                request.desired().consumerUuids(),
                available -> request.stillExists().getAsBoolean()
                        ? allocationSync.syncAllocation(request)
                        : new AllocationSyncResult.Deferred(),
                Function.identity());
    }

    /**
     * Chooses devices for a consumer and allocates them. The index then has the devices, or the claim as pending.
     * Failures of Placement are part of the result.
     */
    public ClaimResult executeClaim(ClaimRequest request) {
        AllocationIndex index = request.index();
        ClaimRevisions revisions = index.claimRevisions();
        ClaimExecutor.Attempt attempt = withConsumerLocks(
                Set.of(request.claim().consumer().uuid()),
                available -> request.isReleasing()
                        ? ClaimExecutor.Attempt.withoutGrant(new AllocationSyncResult.Deferred())
                        : claimExecutor.executeClaim(request),
                ClaimExecutor.Attempt::withoutGrant);
        Set<String> claimsToRetry = index.setPending(request.claim().name(), attempt.pendingClaim(), revisions);
        return new ClaimResult(attempt.syncResult(), attempt.affected().withAllocations(claimsToRetry));
    }

    /**
     * Removes from the consumers' allocations what was written for an object. Failures of Placement are part of the
     * result.
     */
    public AllocationSyncResult releaseAllocations(ReleaseRequest request) {
        return withConsumerLocks(
                request.consumers(), available -> allocationSync.releaseAllocations(request), Function.identity());
    }

    /**
     * Fully reserves those of the providers that are for one-time use.
     *
     * @return whether an inventory was changed
     * @throws PlacementException if a write fails
     */
    public boolean reserveFully(Set<UUID> providers) {
        boolean anyWritten = false;
        for (UUID provider : providers) {
            anyWritten |= writer.reserveFully(provider);
        }
        return anyWritten;
    }

    /**
     * Serializes operations on the same consumers.
     *
     * @param noPlacement converts the result if Placement cannot be used
     */
    private <T> T withConsumerLocks(
            Set<UUID> consumers,
            Function<PlacementState.Available, T> work,
            Function<AllocationSyncResult, T> noPlacement) {
        return consumerLocks.withLocks(
                consumers,
                () -> ifAvailable(
                        work,
                        noPlacement.apply(new AllocationSyncResult.Deferred()),
                        (unavailable, retry) ->
                                noPlacement.apply(new AllocationSyncResult.PlacementUnavailable(unavailable, retry))));
    }

    private HostSyncResult recordResult(
            HostSyncRequest request, BiFunction<HostSyncRequest, PlacementState.Available, HostSyncResult> work) {
        return recordResult(
                request,
                ifAvailable(
                        available -> work.apply(request, available),
                        new HostSyncResult.Deferred(),
                        HostSyncResult.PlacementUnavailable::new));
    }

    private HostSyncResult recordResult(HostSyncRequest request, HostSyncResult result) {
        if (result instanceof HostSyncResult.Synced synced) {
            nodesByRoot.put(synced.root(), request.node());
            if (synced.rootProblem() instanceof RootProviderProblem.Missing) {
                rootCache.recordMissing(request.node(), request.rootName());
            } else {
                rootCache.recordFound(request.node());
            }
        }
        capacityCache.recordResult(request, result);
        return result;
    }

    private <T> T ifAvailable(
            Function<PlacementState.Available, T> work,
            T notYet,
            BiFunction<PlacementState.Unavailable, Boolean, T> noPlacement) {
        return switch (state) {
            case PlacementState.Connecting connecting -> notYet;
            case PlacementState.Unavailable unavailable -> noPlacement.apply(unavailable, false);
            case PlacementState.Available available -> {
                try {
                    yield work.apply(available);
                } catch (PlacementException e) {
                    PlacementState.Unavailable unavailable = PlacementState.Unavailable.fromException(e);
                    boolean forAll = FailureAction.forException(e) == FailureAction.WAIT;
                    if (forAll) {
                        // The next sweep checks the connection and notifies all hosts.
                        state = unavailable;
                    }
                    yield noPlacement.apply(unavailable, !forAll);
                }
            }
        };
    }
}
