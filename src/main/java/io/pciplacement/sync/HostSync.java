package io.pciplacement.sync;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.planning.AdoptionContext;
import io.pciplacement.planning.CleaningRecord;
import io.pciplacement.planning.HostProviderTree;
import io.pciplacement.planning.NormalizedSpec;
import io.pciplacement.planning.NovaManagedProviders;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.planning.ProviderDiffer;
import io.pciplacement.planning.ProviderUuid;
import io.pciplacement.planning.Resolution;
import io.pciplacement.planning.Resolver;
import io.pciplacement.planning.UncleanedDevice;
import io.pciplacement.planning.allocation.AllocationDigest;
import io.pciplacement.planning.reservation.HostReservations;
import io.pciplacement.planning.reservation.RecordedReservation;
import io.pciplacement.sync.HostSyncResult.Progress;
import io.pciplacement.sync.HostSyncResult.ProviderResult;
import io.pciplacement.sync.cache.ProviderCache;
import io.pciplacement.sync.reservation.ReservationTracker;
import io.pciplacement.sync.root.RootProviderProblem;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Synchronizes one host: resolves its specs, finds its root provider, reads what is not cached of the providers below
 * it, computes the difference and writes it. If the cache turns out to be outdated, that part is read again and the
 * plan is repeated, a limited number of times.
 */
final class HostSync {

    private static final int MAX_ATTEMPTS = 3;

    private final ProviderCache providerCache;
    private final PlanApplier applier;
    private final RootProviderResolver rootResolver;
    private final ProviderReader reader;
    private final RewriteDetector rewriteDetector;
    private final CleaningTracker cleaningTracker;
    private final ReservationTracker reservationTracker = new ReservationTracker();

    HostSync(
            PlacementClient placement,
            ProviderCache providerCache,
            RootProviderResolver rootResolver,
            PlanApplier applier,
            InstantSource clock) {
        this.providerCache = providerCache;
        this.applier = applier;
        this.rootResolver = rootResolver;
        this.reader = new ProviderReader(placement, providerCache);
        this.rewriteDetector = new RewriteDetector(clock);
        this.cleaningTracker = new CleaningTracker(providerCache);
    }

    /** @throws PlacementException if Placement cannot be used */
    HostSyncResult syncHost(HostSyncRequest request, PlacementState.Available state) {
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
        for (int attempt = 1; ; attempt++) {
            RootProviderResolver.Root root = rootResolver.resolveRoot(request, state);
            if (root instanceof RootProviderResolver.Root.Unusable(RootProviderProblem problem)
                    && !request.isDryRun()) {
                return new HostSyncResult.RootMissing(problem, resolution);
            }
            Plan plan = planWithTree(request, state, resolution, root, recorded);
            if (request.isDryRun()) {
                plan.decisions().forEach(rewriteDetector::clearHistory);
                return buildResult(
                        plan,
                        resolution,
                        Map.of(),
                        plan.cleaning().uncleaned(),
                        recorded,
                        HostSyncResult.WriteCounts.NOTHING,
                        true);
            }
            if (attempt < MAX_ATTEMPTS
                    && reader.invalidateChanged(plan.target().rootUuid(), plan.changedReservations())) {
                // A reservation that an administrator has written in the meantime would count as the operator's.
                continue;
            }
            cleaningTracker.keepUncleaned(request.node(), plan.cleaning().recordAfter(plan.byAddress(), Map.of()));
            reservationTracker.persistRecord(
                    request.node(), persisted, plan.reservations(), request.reservationRecordStore());
            persisted = plan.reservations();
            Map<UUID, PlacementException> failures = applier.executeOperations(plan.decisions());
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

    private void recordWrite(ProviderDecision decision, HostSyncRequest.WriteScope scope) {
        rewriteDetector.recordWrite(decision, scope);
        cleaningTracker.recordWrite(decision);
    }

    /**
     * Planned changes of one host's providers.
     *
     * @param rootProblem why no root provider can be used; null if there is one
     * @param byAddress the decisions about providers that are named after a device, by its address
     * @param reservations record of the operator's reservations to persist before the decisions are executed
     */
    private record Plan(
            HostProviderTree target,
            @Nullable RootProviderProblem rootProblem,
            CleaningRecord cleaning,
            List<ProviderDecision> decisions,
            Map<PciAddress, ProviderDecision> byAddress,
            SortedMap<PciAddress, RecordedReservation> reservations) {

        /** The providers whose reservations change. */
        Set<UUID> changedReservations() {
            return reservations.entrySet().stream()
                    .filter(entry -> entry.getValue().previousUnits() != null)
                    .map(entry -> Objects.requireNonNull(byAddress.get(entry.getKey()))
                            .uuid())
                    .collect(Collectors.toSet());
        }

        /** Whether the decision about each provider was executed, given those for which that failed. */
        Map<PciAddress, Boolean> completed(Set<UUID> failed) {
            Map<PciAddress, Boolean> completed = new HashMap<>();
            byAddress.forEach((address, decision) -> completed.put(address, !failed.contains(decision.uuid())));
            return completed;
        }
    }

    /**
     * Plans with what is known of the host's tree. Before a provider is created, the tree is read if it has not been:
     * another client, or a predecessor that was killed, may have created it.
     */
    private Plan planWithTree(
            HostSyncRequest request,
            PlacementState.Available state,
            Resolution resolution,
            RootProviderResolver.Root root,
            SortedMap<PciAddress, RecordedReservation> recorded) {
        Plan plan = planProviders(request, state, resolution, root, recorded);
        boolean creates = plan.decisions().stream().anyMatch(ProviderDecision::createsProvider);
        return creates && !request.isDryRun() && rootResolver.ensureTreeRead(request.rootName())
                ? planProviders(request, state, resolution, root, recorded)
                : plan;
    }

    private Plan planProviders(
            HostSyncRequest request,
            PlacementState.Available state,
            Resolution resolution,
            RootProviderResolver.Root root,
            SortedMap<PciAddress, RecordedReservation> recorded) {
        // The plan is reported even without a root provider; the UUIDs are the ones that would be used.
        UUID planned = ProviderUuid.ofRoot(request.rootName());
        HostProviderTree target = switch (root) {
            case RootProviderResolver.Root.Found(UUID uuid, boolean own) ->
                new HostProviderTree(request.rootName(), uuid, state.ownershipTraits(), own);
            case RootProviderResolver.Root.ToBeCreated(UUID uuid) ->
                new HostProviderTree(request.rootName(), uuid, state.ownershipTraits(), true);
            case RootProviderResolver.Root.Unusable u ->
                new HostProviderTree(request.rootName(), planned, state.ownershipTraits(), false);
        };
        boolean found = root instanceof RootProviderResolver.Root.Found;
        Map<String, ObservedProvider> observedByName =
                found ? reader.readProvidersBelow(target.rootUuid(), request.record()) : Map.of();
        Map<String, UUID> foreign = rootResolver.foreignProvidersBelow(target.rootUuid());
        AdoptionContext adoption = buildAdoptionContext(request, resolution, target, foreign);
        HostReservations reservations = new HostReservations(
                request.reservationPolicy(),
                recorded,
                target,
                resolution,
                request.allocatedDevices(),
                request.isManagedByNova());
        Map<String, ObservedProvider> withoutOwnUnits = reservations.hideOwnUnits(observedByName);
        CleaningRecord cleaning =
                cleaningTracker.buildRecord(request, resolution, target, withoutOwnUnits, adoption, reservations);
        List<ProviderDecision> decisions = ProviderDiffer.compare(
                request.devices(),
                resolution,
                target,
                withoutOwnUnits,
                foreign,
                adoption,
                request.allocatedDevices(),
                request.record().identities(),
                cleaning);
        List<ProviderDecision> checked = new ArrayList<>();
        Map<PciAddress, ProviderDecision> byAddress = new HashMap<>();
        SortedMap<PciAddress, RecordedReservation> record = new TreeMap<>();
        for (ProviderDecision decision : decisions) {
            ObservedProvider observed = observedByName.get(decision.name());
            ObservedProvider other = adoption.foreignProviders().get(decision.name());
            ProviderDecision limited = switch (request.writeScope()) {
                case NONE -> reservations.addOwnUnits(decision, observed);
                case RESERVATIONS ->
                    limitToReservations(
                            reservations.addOwnUnits(decision, observed),
                            reservations.concernsProvider(decision.name()),
                            observed,
                            other);
                case PROVIDERS ->
                    reservations.addOwnUnits(
                            applyRewritePolicy(decision, withoutOwnUnits.get(decision.name()), cleaning),
                            observed == null ? other : observed);
            };
            checked.add(limited);
            target.findAddress(decision.name()).ifPresent(address -> {
                byAddress.put(address, limited);
                reservations
                        .recordBefore(address, decision, limited, observed)
                        .ifPresent(reservation -> record.put(address, reservation));
            });
        }
        return new Plan(
                target,
                root instanceof RootProviderResolver.Root.Unusable(RootProviderProblem problem) ? problem : null,
                cleaning,
                checked,
                byAddress,
                record);
    }

    /** Leaves a reservation alone that another client changes back repeatedly, even if its device is uncleaned. */
    private ProviderDecision limitToReservations(
            ProviderDecision decision,
            boolean ownReservation,
            @Nullable ObservedProvider observed,
            @Nullable ObservedProvider foreign) {
        return rewriteDetector.checkForRewrites(
                NovaManagedProviders.limitToReservations(decision, ownReservation, observed, foreign),
                observed,
                HostSyncRequest.WriteScope.RESERVATIONS);
    }

    /**
     * Leaves a provider alone that another client changes back repeatedly. Only the reservation of an uncleaned device
     * is kept.
     */
    private ProviderDecision applyRewritePolicy(
            ProviderDecision decision, @Nullable ObservedProvider observed, CleaningRecord cleaning) {
        ProviderDecision checked =
                rewriteDetector.checkForRewrites(decision, observed, HostSyncRequest.WriteScope.PROVIDERS);
        return checked.state() == State.CONTESTED ? cleaning.reserveIfUncleaned(checked, observed) : checked;
    }

    /** Records which devices were used and what is reserved, before any later step can fail. */
    private HostSyncResult recordResult(HostSyncRequest request, Plan plan, HostSyncResult.Synced synced) {
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
    HostSyncResult removeHost(HostSyncRequest request, PlacementState.Available state) {
        HostSyncResult result = syncHost(request, state);
        if (rootResolver.ensureTreeRead(request.rootName())) {
            // It may have providers of the operator that have no traits yet.
            result = syncHost(request, state);
        }
        UUID own = ProviderUuid.ofRoot(request.rootName());
        if (result instanceof HostSyncResult.Synced synced
                && synced.root().equals(own)
                && synced.providers().isEmpty()) {
            rootResolver.deleteRoot(request.rootName(), own);
        }
        return result;
    }

    /**
     * Reads the foreign providers that have the names of desired ones. They are read each time, because changes to them
     * are not reported.
     */
    private AdoptionContext buildAdoptionContext(
            HostSyncRequest request, Resolution resolution, HostProviderTree target, Map<String, UUID> foreign) {
        boolean isRead = request.adoptMode() != AdoptionContext.Mode.NONE || request.isManagedByNova();
        if (!isRead || foreign.isEmpty()) {
            return AdoptionContext.NONE;
        }
        Map<String, ObservedProvider> observedForeign = new TreeMap<>();
        resolution.providers().keySet().stream()
                .map(target::providerName)
                .filter(foreign::containsKey)
                .forEach(name -> {
                    UUID uuid = Objects.requireNonNull(foreign.get(name));
                    ResourceProvider provider =
                            new ResourceProvider(uuid, name, target.rootUuid(), target.rootUuid(), 0);
                    reader.readFromPlacement(provider, null).ifPresent(observed -> observedForeign.put(name, observed));
                });
        return new AdoptionContext(
                request.writesProviders() ? request.adoptMode() : AdoptionContext.Mode.PLAN, observedForeign);
    }

    /** Updates the caches after a failed write, before the next attempt. */
    private void refreshAfterFailure(HostSyncRequest request, Plan plan, UUID uuid, PlacementException e) {
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
            Plan plan,
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
                .map(ProviderCache.Entry::observed)
                .filter(observed -> observed.inventories().equals(decision.inventories())
                        && observed.traits().equals(decision.traits())
                        && observed.usedUnits() == decision.used())
                .map(observed -> new Progress.Done(
                        observed.provider().generation(),
                        observed.allocations().isEmpty() ? null : AllocationDigest.of(observed.allocations())))
                .orElse(Progress.Done.UNCONFIRMED);
    }
}
