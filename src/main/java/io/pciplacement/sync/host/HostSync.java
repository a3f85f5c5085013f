package io.pciplacement.sync.host;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.planning.NormalizedSpec;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.planning.ProviderUuid;
import io.pciplacement.planning.Resolution;
import io.pciplacement.planning.Resolver;
import io.pciplacement.planning.UncleanedDevice;
import io.pciplacement.planning.allocation.AllocationDigest;
import io.pciplacement.planning.reservation.HostReservations;
import io.pciplacement.planning.reservation.RecordedReservation;
import io.pciplacement.sync.cache.CachedProvider;
import io.pciplacement.sync.cache.HostRootIndex;
import io.pciplacement.sync.cache.ProviderCache;
import io.pciplacement.sync.host.HostSyncResult.Progress;
import io.pciplacement.sync.host.HostSyncResult.ProviderResult;
import io.pciplacement.sync.reservation.ReservationTracker;
import io.pciplacement.sync.root.RootProviderProblem;
import io.pciplacement.sync.state.FailureAction;
import io.pciplacement.sync.state.PlacementState;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Synchronizes one host: resolves its specs, finds its root provider, and executes the plan of {@link HostPlanner}. If
 * the cache turns out to be outdated, that part is read again and the plan is repeated, a limited number of times.
 */
public final class HostSync {

    private static final int MAX_ATTEMPTS = 3;

    private final ProviderCache providerCache;
    private final PlanApplier applier;
    private final RootProviderResolver rootResolver;
    private final HostRootIndex hostRoots;
    private final ProviderReader reader;
    private final RewriteDetector rewriteDetector;
    private final CleaningTracker cleaningTracker;
    private final HostPlanner planner;
    private final ReservationTracker reservationTracker = new ReservationTracker();

    public HostSync(
            PlacementClient placement,
            ProviderCache providerCache,
            RootProviderResolver rootResolver,
            HostRootIndex hostRoots,
            PlanApplier applier,
            InstantSource clock) {
        this.providerCache = providerCache;
        this.applier = applier;
        this.rootResolver = rootResolver;
        this.hostRoots = hostRoots;
        this.reader = new ProviderReader(placement, providerCache);
        this.rewriteDetector = new RewriteDetector(clock);
        this.cleaningTracker = new CleaningTracker(providerCache);
        this.planner = new HostPlanner(rootResolver, reader, rewriteDetector, cleaningTracker);
    }

    /** @throws PlacementException if Placement cannot be used */
    public HostSyncResult syncHost(HostSyncRequest request, PlacementState.Available state) {
        return syncHost(request, state, false);
    }

    private HostSyncResult syncHost(HostSyncRequest request, PlacementState.Available state, boolean needsTree) {
        if (request.missing() != null) {
            return new HostSyncResult.Incomplete(request.missing());
        }
        List<NormalizedSpec> specs = request.specs().stream()
                .map(spec -> NormalizedSpec.normalize(spec, state.names()))
                .toList();
        Resolution resolution = Resolver.resolve(request.devices(), specs);
        HostSyncResult.WriteCounts writeCounts = HostSyncResult.WriteCounts.NOTHING;
        SortedMap<PciAddress, RecordedReservation> recorded =
                reservationTracker.findRecord(request.node(), request.record().reservations());
        SortedMap<PciAddress, RecordedReservation> persisted = recorded;
        rootResolver.refreshForeignProviders(request, resolution);
        if (request.isDryRun()) {
            RootProviderResolver.Root root = resolveRoot(request, state);
            HostSyncPlan plan = planner.planHost(request, state, resolution, root, recorded, needsTree);
            plan.decisions().forEach(rewriteDetector::clearHistory);
            return buildResult(plan, resolution, Map.of(), plan.cleaning().uncleaned(), recorded, writeCounts, true);
        }
        for (int attempt = 1; ; attempt++) {
            RootProviderResolver.Root root = resolveRoot(request, state);
            if (root instanceof RootProviderResolver.Root.Unusable(RootProviderProblem problem)) {
                return new HostSyncResult.RootMissing(problem, resolution);
            }
            HostSyncPlan plan = planner.planHost(request, state, resolution, root, recorded, needsTree);
            if (attempt < MAX_ATTEMPTS
                    && reader.invalidateChanged(plan.target().rootUuid(), plan.changedReservations())) {
                // A reservation that an administrator has written in the meantime would count as the operator's.
                continue;
            }
            cleaningTracker.keepUncleaned(request.node(), plan.cleaning().recordAfter(plan.byAddress(), Map.of()));
            reservationTracker.persistRecord(
                    request.node(), persisted, plan.reservations(), request.reservationRecordStore());
            persisted = plan.reservations();
            Map<UUID, PlacementException> failures = applier.executeOperations(plan.decisions(), plan.observed());
            plan.decisions().stream()
                    .filter(decision -> !failures.containsKey(decision.uuid()))
                    .forEach(decision -> recordWrite(decision, request.writeScope()));
            Map<PciAddress, Boolean> completed = plan.completed(failures.keySet());
            recorded = HostReservations.recordAfter(plan.reservations(), recorded, completed);
            writeCounts = writeCounts.plus(plan.decisions(), failures.keySet());
            boolean replan =
                    failures.values().stream().anyMatch(e -> FailureAction.forException(e) == FailureAction.REPLAN);
            if (!replan || attempt == MAX_ATTEMPTS) {
                Map<PciAddress, UncleanedDevice> uncleaned = plan.cleaning().recordAfter(plan.byAddress(), completed);
                return recordResult(
                        request,
                        plan,
                        buildResult(plan, resolution, failures, uncleaned, recorded, writeCounts, false));
            }
            failures.forEach((uuid, e) -> refreshAfterFailure(request, plan, uuid, e));
        }
    }

    /** Resolves the root provider and registers the host, before the plan uses the cached state of its providers. */
    private RootProviderResolver.Root resolveRoot(HostSyncRequest request, PlacementState.Available state) {
        RootProviderResolver.Root root = rootResolver.resolveRoot(request, state);
        if (root instanceof RootProviderResolver.Root.Found found) {
            hostRoots.put(found.uuid(), request.node());
        }
        return root;
    }

    private void recordWrite(ProviderDecision decision, HostSyncRequest.WriteScope scope) {
        rewriteDetector.recordWrite(decision, scope);
        cleaningTracker.recordWrite(decision);
    }

    /** Records which devices were used and what is reserved, before any later step can fail. */
    private HostSyncResult recordResult(HostSyncRequest request, HostSyncPlan plan, HostSyncResult.Synced synced) {
        List<UUID> evaluated = plan.cleaning().suspects().keySet().stream()
                .flatMap(address -> Stream.ofNullable(plan.byAddress().get(address)))
                .map(ProviderDecision::uuid)
                .toList();
        cleaningTracker.recordResult(request.node(), synced.uncleaned(), evaluated);
        reservationTracker.keepInMemory(request.node(), synced.reservations());
        return synced;
    }

    /**
     * Deletes the operator's providers below a host's root provider that are not in use. Deletes the root provider too
     * if the operator created it, no compute service uses it, and nothing is left below it.
     */
    public HostSyncResult removeHost(HostSyncRequest request, PlacementState.Available state) {
        // Its tree may contain providers of the operator that have no traits yet.
        HostSyncResult result = syncHost(request, state, true);
        UUID own = ProviderUuid.ofRoot(request.rootName());
        if (result instanceof HostSyncResult.Synced synced
                && synced.root().equals(own)
                && synced.providers().isEmpty()) {
            rootResolver.deleteRoot(request.rootName(), own);
        }
        return result;
    }

    /** Updates the caches after a failed write, before the next attempt. */
    private void refreshAfterFailure(HostSyncRequest request, HostSyncPlan plan, UUID uuid, PlacementException e) {
        UUID root = plan.target().rootUuid();
        boolean known = providerCache.findEntry(uuid).isPresent();
        if (e instanceof PlacementException.NotFound && !known) {
            // The parent of the provider to create does not exist.
            rootResolver.onRootDeleted(request.rootName(), root);
        } else if (e instanceof PlacementException.NotFound) {
            providerCache.removeLost(uuid);
        } else if (e instanceof PlacementException.NameTaken) {
            plan.decisions().stream()
                    .filter(decision -> decision.uuid().equals(uuid))
                    .forEach(decision -> rootResolver.onNameConflict(request.rootName(), root, decision.name()));
        }
    }

    private HostSyncResult.Synced buildResult(
            HostSyncPlan plan,
            Resolution resolution,
            Map<UUID, PlacementException> failures,
            Map<PciAddress, UncleanedDevice> uncleaned,
            SortedMap<PciAddress, RecordedReservation> reservations,
            HostSyncResult.WriteCounts writeCounts,
            boolean planned) {
        List<ProviderResult> results = new ArrayList<>();
        for (ProviderDecision decision : plan.decisions()) {
            PlacementException failure = failures.get(decision.uuid());
            if (failure != null) {
                Progress failed = new HostSyncResult.Progress.Failed(
                        FailureAction.conditionReason(failure), String.valueOf(failure.getMessage()));
                results.add(new ProviderResult(decision, failed));
            } else if (planned) {
                results.add(new ProviderResult(decision, new Progress.Planned()));
            } else if (decision.state() != State.REMOVED) {
                results.add(new ProviderResult(decision, confirmProgress(decision)));
            }
        }
        return new HostSyncResult.Synced(
                plan.target().rootUuid(),
                plan.rootProblem(),
                resolution,
                results,
                uncleaned,
                reservations,
                writeCounts,
                !failures.isEmpty() || plan.decisions().stream().anyMatch(ProviderDecision::dependsOnForeignProvider));
    }

    /** The progress of an executed decision, with the generation at which Placement is known to match it. */
    private Progress.Done confirmProgress(ProviderDecision decision) {
        return providerCache
                .findEntry(decision.uuid())
                .map(CachedProvider::observed)
                .filter(observed -> observed.inventories().equals(decision.inventories())
                        && observed.traits().equals(decision.traits())
                        && observed.usedUnits() == decision.used())
                .map(observed -> new Progress.Done(
                        observed.provider().generation(),
                        observed.allocations().isEmpty() ? null : AllocationDigest.of(observed.allocations())))
                .orElse(Progress.Done.UNCONFIRMED);
    }
}
