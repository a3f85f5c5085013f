package io.pciplacement.sync;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.AdoptionContext;
import io.pciplacement.planning.CleaningRecord;
import io.pciplacement.planning.DesiredProvider;
import io.pciplacement.planning.HostProviderTree;
import io.pciplacement.planning.NormalizedSpec;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.planning.ProviderDiffer;
import io.pciplacement.planning.ProviderOperation;
import io.pciplacement.planning.ProviderUuid;
import io.pciplacement.planning.Resolution;
import io.pciplacement.planning.Resolver;
import io.pciplacement.planning.UncleanedDevice;
import io.pciplacement.planning.finding.Finding;
import io.pciplacement.sync.HostSyncResult.Progress;
import io.pciplacement.sync.HostSyncResult.ProviderResult;
import io.pciplacement.sync.cache.ProviderCache;
import io.pciplacement.sync.root.RootProviderCache;
import io.pciplacement.sync.root.RootProviderProblem;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Brings one host in sync: resolve its specs, find its root, know what Placement has below it, compare, write. Where
 * the world turns out to be another than remembered it reads that part again and starts over, a few times at most.
 */
final class HostSync {

    private static final int TRIES = 3;

    private final ProviderCache mirror;
    private final PlanApplier applier;
    private final RootProviderResolver roots;
    private final ProviderReader reader;
    private final RewriteDetector rewrites;

    /** By node, so that neither a failed write of a status nor the deletion of an object loses it. */
    private final Map<String, Map<PciAddress, UncleanedDevice>> uncleaned = new ConcurrentHashMap<>();

    /** Providers that this process has deleted, which a host's object may still show. */
    private final Set<UUID> deleted = ConcurrentHashMap.newKeySet();

    HostSync(
            PlacementClient placement,
            ProviderCache mirror,
            RootProviderCache roots,
            PlanApplier applier,
            InstantSource clock) {
        this.mirror = mirror;
        this.applier = applier;
        this.roots = new RootProviderResolver(placement, mirror, roots);
        this.reader = new ProviderReader(placement, mirror);
        this.rewrites = new RewriteDetector(clock);
    }

    /** @throws PlacementException where nobody gets through */
    HostSyncResult sync(HostSyncRequest request, PlacementState.Available link) {
        if (request.missing() != null) {
            return new HostSyncResult.Incomplete(request.missing());
        }
        List<NormalizedSpec> specs = request.specs().stream()
                .map(spec -> NormalizedSpec.normalize(spec, link.names()))
                .toList();
        Resolution resolution = Resolver.resolve(request.devices(), specs);
        HostSyncResult.WriteCounts written = HostSyncResult.WriteCounts.NOTHING;
        roots.lookForOthers(request.rootName());
        for (int attempt = 1; ; attempt++) {
            RootProviderResolver.Root root = roots.resolve(request, link);
            if (root instanceof RootProviderResolver.Root.Unusable(RootProviderProblem problem) && request.write()) {
                return new HostSyncResult.RootMissing(problem, resolution);
            }
            Plan plan = plan(request, link, resolution, root);
            if (!request.write()) {
                plan.decisions().forEach(rewrites::forget);
                return decided(plan, resolution, Map.of(), HostSyncResult.WriteCounts.NOTHING, true);
            }
            Map<UUID, PlacementException> failures = applier.apply(plan.decisions());
            plan.decisions().stream()
                    .filter(decision -> !failures.containsKey(decision.uuid()))
                    .forEach(this::written);
            written = add(written, plan.decisions(), failures);
            boolean replan = failures.values().stream().anyMatch(e -> FailureAction.to(e) == FailureAction.REPLAN);
            if (!replan || attempt == TRIES) {
                return recorded(request, plan, decided(plan, resolution, failures, written, false));
            }
            failures.forEach((uuid, e) -> lookAgain(request, plan, uuid, e));
        }
    }

    private void written(ProviderDecision decision) {
        rewrites.written(decision);
        if (decision.state() == State.REMOVED) {
            deleted.add(decision.uuid());
        } else {
            deleted.remove(decision.uuid());
        }
    }

    /**
     * What is to become of one host's providers.
     *
     * @param rootProblem why the target has no root yet; null if it has
     */
    private record Plan(
            HostProviderTree target,
            @Nullable RootProviderProblem rootProblem,
            CleaningRecord cleaning,
            List<ProviderDecision> decisions) {}

    private Plan plan(
            HostSyncRequest request,
            PlacementState.Available link,
            Resolution resolution,
            RootProviderResolver.Root root) {
        // Without a root the plan is still worth seeing; the uuids are those it would have.
        UUID planned = ProviderUuid.ofRoot(request.rootName());
        HostProviderTree target = switch (root) {
            case RootProviderResolver.Root.Found(UUID uuid, boolean own) ->
                new HostProviderTree(request.rootName(), uuid, link.marks(), own);
            case RootProviderResolver.Root.ToBeCreated(UUID uuid) ->
                new HostProviderTree(request.rootName(), uuid, link.marks(), true);
            case RootProviderResolver.Root.Unusable u ->
                new HostProviderTree(request.rootName(), planned, link.marks(), false);
        };
        boolean found = root instanceof RootProviderResolver.Root.Found;
        Map<String, ObservedProvider> ours = found ? reader.below(target.rootUuid(), request.record()) : Map.of();
        Map<String, UUID> foreign = roots.foreignBelow(target.rootUuid());
        AdoptionContext adoption = adoption(request, resolution, target, foreign);
        CleaningRecord cleaning = cleaning(request, resolution, target, ours, adoption);
        List<ProviderDecision> decisions = ProviderDiffer.compare(
                request.devices(),
                resolution,
                target,
                ours,
                foreign,
                adoption,
                request.held(),
                request.record().cards(),
                cleaning);
        List<ProviderDecision> judged = request.write()
                ? decisions.stream()
                        .map(decision -> judged(decision, ours.get(decision.name()), cleaning))
                        .toList()
                : decisions;
        return new Plan(
                target,
                root instanceof RootProviderResolver.Root.Unusable(RootProviderProblem problem) ? problem : null,
                cleaning,
                judged);
    }

    /** What another client changes back is left to it, but for what keeps an uncleaned device from being offered. */
    private ProviderDecision judged(
            ProviderDecision decision, @Nullable ObservedProvider view, CleaningRecord cleaning) {
        ProviderDecision judged = rewrites.judge(decision, view);
        return judged.state() == State.CONTESTED ? cleaning.reserveIfUncleaned(judged, view) : judged;
    }

    private CleaningRecord cleaning(
            HostSyncRequest request,
            Resolution resolution,
            HostProviderTree target,
            Map<String, ObservedProvider> ours,
            AdoptionContext adoption) {
        CleaningRecord recorded = request.record().cleaning();
        Map<PciAddress, Integer> suspects = new HashMap<>();
        Map<PciAddress, Integer> reservations = new HashMap<>();
        ours.forEach((name, view) -> {
            Integer reserved = mirror.suspected(view.uuid());
            if (reserved != null) {
                target.findAddress(name).ifPresent(address -> suspects.put(address, reserved));
            }
        });
        adoption.foreignProviders().forEach((name, view) -> {
            if (view.traits().contains(Trait.ONE_TIME_USE)
                    && view.totalUnits() > 0
                    && view.reservedUnits() >= view.totalUnits()) {
                // So does Nova keep a used one.
                target.findAddress(name).ifPresent(address -> suspects.put(address, 0));
            }
        });
        request.record().providers().forEach((name, memory) -> {
            ProviderSnapshot.Content lost = memory.content();
            if (lost != null && !ours.containsKey(name) && !deleted.contains(lost.provider())) {
                target.findAddress(name).ifPresent(address -> lost(address, lost, suspects, reservations));
            }
        });
        resolution.providers().forEach((address, plan) -> {
            ObservedProvider view = ours.get(target.providerName(address));
            Integer reservedOnLost = view == null ? mirror.suspected(target.providerUuid(address)) : null;
            if (reservedOnLost != null) {
                suspects.put(address, reservedOnLost);
            }
            if (plan instanceof DesiredProvider.Resolved wanted
                    && wanted.traits().contains(Trait.ONE_TIME_USE)
                    && wanted.devices().stream()
                            .anyMatch(device -> request.held().unallocated().contains(device.address()))) {
                suspects.putIfAbsent(address, view == null ? 0 : view.reservedUnits());
            }
        });
        return recorded.withUncleaned(uncleaned.getOrDefault(request.node(), recorded.uncleaned()))
                .withObservations(suspects, reservations);
    }

    /** Another client has deleted a provider; whether its device was used before that, nobody knows. */
    private static void lost(
            PciAddress address,
            ProviderSnapshot.Content lost,
            Map<PciAddress, Integer> suspects,
            Map<PciAddress, Integer> reservations) {
        int reserved = lost.inventories().values().stream()
                .mapToInt(inventory -> inventory.reserved())
                .sum();
        reservations.put(address, reserved);
        if (lost.traits().contains(Trait.ONE_TIME_USE)) {
            suspects.putIfAbsent(address, reserved);
        }
    }

    /** Remembers which devices were used, before anything else can go wrong. */
    private HostSyncResult recorded(HostSyncRequest request, Plan plan, HostSyncResult.Synced decided) {
        uncleaned.put(request.node(), decided.uncleaned());
        plan.decisions().stream()
                .filter(decision -> plan.target()
                        .findAddress(decision.name())
                        .filter(plan.cleaning().suspects()::containsKey)
                        .isPresent())
                .forEach(decision -> mirror.judged(decision.uuid()));
        return decided;
    }

    /**
     * Removes all of ours below a host's root that is not in use, and the root, where it was ours and nothing is left.
     */
    HostSyncResult remove(HostSyncRequest request, PlacementState.Available link) {
        HostSyncResult outcome = sync(request, link);
        UUID own = ProviderUuid.ofRoot(request.rootName());
        if (outcome instanceof HostSyncResult.Synced decided
                && decided.root().equals(own)
                && decided.providers().isEmpty()
                && mirror.get(own).isPresent()) {
            roots.delete(request.rootName(), own);
        }
        return outcome;
    }

    /** What others have of what our specs want, read anew each time: nobody tells us when they change it. */
    private AdoptionContext adoption(
            HostSyncRequest request, Resolution resolution, HostProviderTree target, Map<String, UUID> others) {
        if (request.adopt() == AdoptionContext.Mode.NONE || others.isEmpty()) {
            return AdoptionContext.NONE;
        }
        Map<String, ObservedProvider> theirs = new TreeMap<>();
        resolution.providers().keySet().stream()
                .map(target::providerName)
                .filter(others::containsKey)
                .forEach(name -> {
                    UUID uuid = Objects.requireNonNull(others.get(name));
                    ResourceProvider provider =
                            new ResourceProvider(uuid, name, target.rootUuid(), target.rootUuid(), 0);
                    reader.readAll(provider, null).ifPresent(view -> theirs.put(name, view));
                });
        return new AdoptionContext(request.write() ? request.adopt() : AdoptionContext.Mode.PLAN, theirs);
    }

    /** Something was not as remembered; find out what before the next try. */
    private void lookAgain(HostSyncRequest request, Plan plan, UUID uuid, PlacementException e) {
        UUID root = plan.target().rootUuid();
        boolean known = mirror.get(uuid).isPresent();
        if (e instanceof PlacementException.NotFound && !known) {
            // What was missing is the parent of what should be made.
            roots.gone(request.rootName(), root);
        } else if (e instanceof PlacementException.NotFound) {
            mirror.lost(uuid);
        } else if (e instanceof PlacementException.NameTaken) {
            plan.decisions().stream()
                    .filter(decision -> decision.uuid().equals(uuid))
                    .forEach(decision -> roots.nameTaken(request.rootName(), root, decision.name()));
        }
    }

    private HostSyncResult.Synced decided(
            Plan plan,
            Resolution resolution,
            Map<UUID, PlacementException> failures,
            HostSyncResult.WriteCounts written,
            boolean planned) {
        List<ProviderResult> results = new ArrayList<>();
        Map<PciAddress, ProviderDecision> byAddress = new HashMap<>();
        Map<PciAddress, Boolean> done = new HashMap<>();
        for (ProviderDecision decision : plan.decisions()) {
            PlacementException failure = failures.get(decision.uuid());
            plan.target().findAddress(decision.name()).ifPresent(address -> {
                byAddress.put(address, decision);
                done.put(address, failure == null && !planned);
            });
            if (failure != null) {
                Progress stuck = new HostSyncResult.Progress.Failed(
                        FailureAction.reason(failure), String.valueOf(failure.getMessage()));
                results.add(new ProviderResult(decision, stuck));
            } else if (planned) {
                results.add(new ProviderResult(decision, new Progress.Planned()));
            } else if (decision.state() != State.REMOVED) {
                results.add(new ProviderResult(decision, new Progress.Done(generation(decision))));
            }
        }
        // Nobody tells when those in our way leave.
        boolean inTheWay = plan.decisions().stream()
                .anyMatch(decision -> decision.state() == State.PROPOSED
                        || decision.findings().stream().anyMatch(Finding.ForeignOwner.class::isInstance));
        return new HostSyncResult.Synced(
                plan.target().rootUuid(),
                plan.rootProblem(),
                resolution,
                results,
                planned ? plan.cleaning().uncleaned() : plan.cleaning().recordAfter(byAddress, done),
                written,
                inTheWay || !failures.isEmpty());
    }

    /** At which generation Placement is known to have just what was decided. */
    private @Nullable Integer generation(ProviderDecision decision) {
        return mirror.get(decision.uuid())
                .map(ProviderCache.Entry::view)
                .filter(view -> view.inventories().equals(decision.inventories())
                        && view.traits().equals(decision.traits())
                        && view.usedUnits() == decision.used())
                .map(view -> view.provider().generation())
                .orElse(null);
    }

    private static HostSyncResult.WriteCounts add(
            HostSyncResult.WriteCounts before,
            List<ProviderDecision> decisions,
            Map<UUID, PlacementException> failures) {
        int created = before.created();
        int changed = before.changed();
        int removed = before.removed();
        for (ProviderDecision decision : decisions) {
            if (decision.operations().isEmpty() || failures.containsKey(decision.uuid())) {
                continue;
            }
            switch (decision.operations().getFirst()) {
                case ProviderOperation.Create c -> created++;
                case ProviderOperation.Delete d -> removed++;
                case ProviderOperation.Adopt a -> changed++;
                case ProviderOperation.PutTraits p -> changed++;
                case ProviderOperation.PutInventories p -> changed++;
            }
        }
        return new HostSyncResult.WriteCounts(created, changed, removed);
    }
}
