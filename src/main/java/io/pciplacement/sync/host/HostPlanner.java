package io.pciplacement.sync.host;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.planning.AdoptionContext;
import io.pciplacement.planning.CleaningRecord;
import io.pciplacement.planning.HostProviderTree;
import io.pciplacement.planning.NovaManagedProviders;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.planning.ProviderDiffer;
import io.pciplacement.planning.ProviderUuid;
import io.pciplacement.planning.Resolution;
import io.pciplacement.planning.reservation.HostReservations;
import io.pciplacement.planning.reservation.RecordedReservation;
import io.pciplacement.sync.root.RootProviderProblem;
import io.pciplacement.sync.state.PlacementState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Planner of one host's providers: reads what is not cached of the providers below its root provider, and decides what
 * to do with each. Writes nothing.
 */
final class HostPlanner {

    private final RootProviderResolver rootResolver;
    private final ProviderReader reader;
    private final RewriteDetector rewriteDetector;
    private final CleaningTracker cleaningTracker;

    HostPlanner(
            RootProviderResolver rootResolver,
            ProviderReader reader,
            RewriteDetector rewriteDetector,
            CleaningTracker cleaningTracker) {
        this.rootResolver = rootResolver;
        this.reader = reader;
        this.rewriteDetector = rewriteDetector;
        this.cleaningTracker = cleaningTracker;
    }

    /**
     * Plans with what is known of the host's tree. Before a provider is created, the tree is read if it has not been:
     * another client, or a predecessor that was killed, may have created it.
     *
     * @param needsTree whether the tree must be read in any case
     */
    HostSyncPlan planHost(
            HostSyncRequest request,
            PlacementState.Available state,
            Resolution resolution,
            RootProviderResolver.Root root,
            SortedMap<PciAddress, RecordedReservation> recorded,
            boolean needsTree) {
        if (needsTree) {
            rootResolver.ensureTreeRead(request.rootName());
        }
        boolean unread = rootResolver.isTreeUnread(request.rootName());
        HostSyncPlan plan = planProviders(request, state, resolution, root, recorded);
        boolean creates = plan.decisions().stream().anyMatch(ProviderDecision::createsProvider);
        if (!unread || !creates || request.isDryRun()) {
            return plan;
        }
        // A sweep may have read it since, but not before this plan.
        rootResolver.ensureTreeRead(request.rootName());
        return planProviders(request, state, resolution, root, recorded);
    }

    private HostSyncPlan planProviders(
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
        Map<String, UUID> foreign = found ? rootResolver.foreignProvidersBelow(target.rootUuid()) : Map.of();
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
        return new HostSyncPlan(
                target,
                observedByName.values().stream().collect(Collectors.toMap(ObservedProvider::uuid, Function.identity())),
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
}
