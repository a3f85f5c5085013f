package io.pciplacement.sync;

import io.pciplacement.placement.NameNormalizer;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.planning.allocation.UnaccountedAllocation;
import io.pciplacement.planning.allocation.UnaccountedAllocations;
import io.pciplacement.sync.cache.ConsumerLocks;
import io.pciplacement.sync.cache.HostRootIndex;
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
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Facade of the synchronization with Placement: the connection state, the caches, and the operations on hosts,
 * allocations and claims. A sweep compares the cached state of the whole cloud with one listing; the sync of a host
 * writes the differences.
 */
public final class PlacementSync {

    private final ProviderCache providerCache = new ProviderCache();
    private final RootProviderCache rootCache;
    private final ForeignProviderListing foreignListing;
    private final CloudSweep cloudSweep;
    private final HostSync hostSync;
    private final HostCapacityCache capacityCache;
    private final AllocationWriter writer;
    private final AllocationSync allocationSync;
    private final AllocationReleaser allocationReleaser;
    private final ClaimExecutor claimExecutor;
    private final HostRootIndex hostRoots = new HostRootIndex();
    private final ConsumerLocks consumerLocks = new ConsumerLocks();

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
        PlacementNameRegistry nameRegistry = new PlacementNameRegistry(placement);
        this.rootCache = new RootProviderCache(placement, providerCache);
        this.foreignListing = new ForeignProviderListing(placement, clock);
        RootProviderResolver rootResolver =
                new RootProviderResolver(placement, providerCache, rootCache, foreignListing);
        this.cloudSweep = new CloudSweep(
                placement,
                ownershipTraits,
                providerCache,
                rootCache,
                foreignListing,
                rootResolver,
                nameRegistry,
                hostRoots);
        this.hostSync = new HostSync(
                placement,
                providerCache,
                rootResolver,
                hostRoots,
                new PlanApplier(placement, providerCache, nameRegistry, pool),
                clock);
        this.capacityCache = new HostCapacityCache(providerCache);
        this.writer = new AllocationWriter(placement, providerCache, hostRoots);
        ConsumerRootProviders roots = new ConsumerRootProviders(placement, providerCache, hostRoots);
        ConsumerAllocationReader consumers = new ConsumerAllocationReader(placement, providerCache);
        this.allocationSync =
                new AllocationSync(placement, consumers, providerCache, capacityCache, writer, roots, clock);
        this.allocationReleaser = new AllocationReleaser(consumers, providerCache, capacityCache, writer, roots);
        this.claimExecutor = new ClaimExecutor(placement, providerCache, capacityCache, writer, roots);
    }

    public PlacementState placementState() {
        return cloudSweep.state();
    }

    /** Normalizer with the standard names of Placement; without any before Placement was connected. */
    public NameNormalizer nameNormalizer() {
        return cloudSweep.nameNormalizer();
    }

    /**
     * Loads the standard names once. This is the only request of a standby.
     *
     * @return whether the names are known
     */
    public boolean loadNames() {
        return cloudSweep.loadNames();
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
        return cloudSweep.runSweep();
    }

    /** Removes what is cached of a deleted host, so that claims no longer select its devices. */
    public void forgetHost(String node) {
        rootCache.recordFound(node);
        capacityCache.removeHost(node);
        hostRoots.removeNode(node);
    }

    /** Removes what is cached of hosts that no longer exist. */
    public void retainHosts(Predicate<String> exists) {
        capacityCache.nodes().stream().filter(exists.negate()).forEach(this::forgetHost);
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
                request.consumers(), available -> allocationReleaser.releaseAllocations(request), Function.identity());
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
        return switch (cloudSweep.state()) {
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
                        cloudSweep.onUnavailable(unavailable);
                    }
                    yield noPlacement.apply(unavailable, !forAll);
                }
            }
        };
    }
}
