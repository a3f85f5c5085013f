package io.pciplacement.operator.sync;

import io.pciplacement.operator.sync.HostOutcome.Progress;
import io.pciplacement.operator.sync.HostOutcome.ProviderResult;
import io.pciplacement.operator.sync.HostOutcome.Written;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.Adoption;
import io.pciplacement.planning.CleaningRecord;
import io.pciplacement.planning.Differ;
import io.pciplacement.planning.Finding;
import io.pciplacement.planning.HostTarget;
import io.pciplacement.planning.NamedSpec;
import io.pciplacement.planning.Operation;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.planning.ProviderPlan;
import io.pciplacement.planning.ProviderUuid;
import io.pciplacement.planning.ProviderView;
import io.pciplacement.planning.Resolution;
import io.pciplacement.planning.Resolver;
import io.pciplacement.planning.Uncleaned;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

    private final Mirror mirror;
    private final Applier applier;
    private final RootResolver roots;
    private final ProviderReader reader;
    private final RewriteDetector rewrites;

    /** By node, so that neither a failed write of a status nor the deletion of an object loses it. */
    private final Map<String, Map<PciAddress, Uncleaned>> uncleaned = new ConcurrentHashMap<>();

    HostSync(PlacementClient placement, Mirror mirror, RootProviderCache roots, Applier applier, InstantSource clock) {
        this.mirror = mirror;
        this.applier = applier;
        this.roots = new RootResolver(placement, mirror, roots);
        this.reader = new ProviderReader(placement, mirror);
        this.rewrites = new RewriteDetector(clock);
    }

    /** @throws PlacementException where nobody gets through */
    HostOutcome sync(HostRequest request, Link.Up link) {
        if (request.missing() != null) {
            return new HostOutcome.Incomplete(request.missing());
        }
        List<NamedSpec> specs = request.specs().stream()
                .map(spec -> NamedSpec.of(spec, link.names()))
                .toList();
        Resolution resolution = Resolver.resolve(request.devices(), specs);
        Written written = Written.NOTHING;
        roots.lookForOthers(request.rootName());
        for (int attempt = 1; ; attempt++) {
            RootResolver.Root root = roots.resolve(request, link);
            if (root instanceof RootResolver.Root.Unusable(RootProblem problem) && request.write()) {
                return new HostOutcome.NoRoot(problem, resolution);
            }
            Plan plan = plan(request, link, resolution, root);
            if (!request.write()) {
                plan.decisions().forEach(rewrites::forget);
                return decided(plan, resolution, Map.of(), Written.NOTHING, true);
            }
            Map<UUID, PlacementException> failures = applier.apply(plan.decisions());
            plan.decisions().stream()
                    .filter(decision -> !failures.containsKey(decision.uuid()))
                    .forEach(rewrites::written);
            written = add(written, plan.decisions(), failures);
            boolean replan = failures.values().stream().anyMatch(e -> Reaction.to(e) == Reaction.REPLAN);
            if (!replan || attempt == TRIES) {
                return recorded(request, plan, decided(plan, resolution, failures, written, false));
            }
            failures.forEach((uuid, e) -> lookAgain(request, plan.target(), uuid, e));
        }
    }

    /**
     * What is to become of one host's providers.
     *
     * @param rootProblem why the target has no root yet; null if it has
     */
    private record Plan(
            HostTarget target,
            @Nullable RootProblem rootProblem,
            CleaningRecord cleaning,
            List<ProviderDecision> decisions) {}

    private Plan plan(HostRequest request, Link.Up link, Resolution resolution, RootResolver.Root root) {
        // Without a root the plan is still worth seeing; the uuids are those it would have.
        UUID planned = ProviderUuid.ofRoot(request.rootName());
        HostTarget target = switch (root) {
            case RootResolver.Root.Found(UUID uuid, boolean own) ->
                new HostTarget(request.rootName(), uuid, link.marks(), own);
            case RootResolver.Root.ToBeCreated(UUID uuid) ->
                new HostTarget(request.rootName(), uuid, link.marks(), true);
            case RootResolver.Root.Unusable u -> new HostTarget(request.rootName(), planned, link.marks(), false);
        };
        boolean found = root instanceof RootResolver.Root.Found;
        Map<String, ProviderView> ours = found ? reader.below(target.rootUuid(), request.record()) : Map.of();
        Map<String, UUID> foreign = roots.foreignBelow(target.rootUuid());
        Adoption adoption = adoption(request, resolution, target, foreign);
        CleaningRecord cleaning = cleaning(request, resolution, target, ours, adoption);
        List<ProviderDecision> decisions = Differ.diff(
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
                root instanceof RootResolver.Root.Unusable(RootProblem problem) ? problem : null,
                cleaning,
                judged);
    }

    /** What another client changes back is left to it, but for what keeps an uncleaned device from being offered. */
    private ProviderDecision judged(ProviderDecision decision, @Nullable ProviderView view, CleaningRecord cleaning) {
        ProviderDecision judged = rewrites.judge(decision, view);
        return judged.state() == State.CONTESTED ? cleaning.keptReserved(judged, view) : judged;
    }

    private CleaningRecord cleaning(
            HostRequest request,
            Resolution resolution,
            HostTarget target,
            Map<String, ProviderView> ours,
            Adoption adoption) {
        CleaningRecord recorded = request.record().cleaning();
        Map<PciAddress, Integer> suspects = new HashMap<>();
        Map<PciAddress, Integer> reservations = new HashMap<>();
        ours.forEach((name, view) -> {
            Integer reserved = mirror.suspected(view.uuid());
            if (reserved != null) {
                target.address(name).ifPresent(address -> suspects.put(address, reserved));
            }
        });
        adoption.theirs().forEach((name, view) -> {
            if (view.traits().contains(Trait.ONE_TIME_USE) && view.total() > 0 && view.reserved() >= view.total()) {
                // So does Nova keep a used one.
                target.address(name).ifPresent(address -> suspects.put(address, 0));
            }
        });
        resolution.providers().forEach((address, plan) -> {
            ProviderView view = ours.get(target.providerName(address));
            Remembered.Content lost = view == null
                    ? request.record().provider(target.providerName(address)).content()
                    : null;
            if (lost != null) {
                int reserved = lost.inventories().values().stream()
                        .mapToInt(inventory -> inventory.reserved())
                        .sum();
                reservations.put(address, reserved);
                if (lost.traits().contains(Trait.ONE_TIME_USE)) {
                    // Another client has deleted it; whether it was used before that, nobody knows.
                    suspects.putIfAbsent(address, reserved);
                }
            }
            if (plan instanceof ProviderPlan.Wanted wanted
                    && wanted.devices().stream()
                            .anyMatch(device -> request.held().unallocated().contains(device.address()))) {
                suspects.putIfAbsent(address, view == null ? 0 : view.reserved());
            }
        });
        return recorded.with(uncleaned.getOrDefault(request.node(), recorded.uncleaned()))
                .seen(suspects, reservations);
    }

    /** Remembers which devices were used, before anything else can go wrong. */
    private HostOutcome recorded(HostRequest request, Plan plan, HostOutcome.Decided decided) {
        uncleaned.put(request.node(), decided.uncleaned());
        plan.decisions().stream()
                .filter(decision -> plan.target()
                        .address(decision.name())
                        .filter(plan.cleaning().suspects()::containsKey)
                        .isPresent())
                .forEach(decision -> mirror.judged(decision.uuid()));
        return decided;
    }

    /**
     * Removes all of ours below a host's root that is not in use, and the root, where it was ours and nothing is left.
     */
    HostOutcome remove(HostRequest request, Link.Up link) {
        HostOutcome outcome = sync(request, link);
        UUID own = ProviderUuid.ofRoot(request.rootName());
        if (outcome instanceof HostOutcome.Decided decided
                && decided.root().equals(own)
                && decided.providers().isEmpty()
                && mirror.get(own).isPresent()) {
            roots.delete(request.rootName(), own);
        }
        return outcome;
    }

    /** What others have of what our specs want, read anew each time: nobody tells us when they change it. */
    private Adoption adoption(HostRequest request, Resolution resolution, HostTarget target, Map<String, UUID> others) {
        if (request.adopt() == Adoption.Mode.NONE || others.isEmpty()) {
            return Adoption.NONE;
        }
        Map<String, ProviderView> theirs = new TreeMap<>();
        resolution.providers().keySet().stream()
                .map(target::providerName)
                .filter(others::containsKey)
                .forEach(name -> {
                    UUID uuid = Objects.requireNonNull(others.get(name));
                    ResourceProvider provider =
                            new ResourceProvider(uuid, name, target.rootUuid(), target.rootUuid(), 0);
                    reader.readAll(provider, null).ifPresent(view -> theirs.put(name, view));
                });
        return new Adoption(request.write() ? request.adopt() : Adoption.Mode.PLAN, theirs);
    }

    /** Something was not as remembered; find out what before the next try. */
    private void lookAgain(HostRequest request, HostTarget target, UUID uuid, PlacementException e) {
        boolean known = mirror.get(uuid).isPresent();
        if (e instanceof PlacementException.NotFound && !known) {
            // What was missing is the parent of what should be made.
            roots.gone(request.rootName(), target.rootUuid());
        } else if (e instanceof PlacementException.NotFound) {
            mirror.removed(uuid);
        } else if (e instanceof PlacementException.NameTaken) {
            roots.look(request.rootName(), target.rootUuid());
        }
    }

    private HostOutcome.Decided decided(
            Plan plan,
            Resolution resolution,
            Map<UUID, PlacementException> failures,
            Written written,
            boolean planned) {
        List<ProviderResult> results = new ArrayList<>();
        Map<PciAddress, ProviderDecision> byAddress = new HashMap<>();
        Map<PciAddress, Boolean> done = new HashMap<>();
        for (ProviderDecision decision : plan.decisions()) {
            PlacementException failure = failures.get(decision.uuid());
            plan.target().address(decision.name()).ifPresent(address -> {
                byAddress.put(address, decision);
                done.put(address, failure == null && !planned);
            });
            if (failure != null) {
                Progress stuck = new Progress.Stuck(Reaction.reason(failure), String.valueOf(failure.getMessage()));
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
        return new HostOutcome.Decided(
                plan.target().rootUuid(),
                plan.rootProblem(),
                resolution,
                results,
                planned ? plan.cleaning().uncleaned() : plan.cleaning().after(byAddress, done),
                written,
                inTheWay || !failures.isEmpty());
    }

    /** At which generation Placement is known to have just what was decided. */
    private @Nullable Integer generation(ProviderDecision decision) {
        return mirror.get(decision.uuid())
                .map(Mirror.Entry::view)
                .filter(view -> view.inventories().equals(decision.inventories())
                        && view.traits().equals(decision.traits())
                        && view.used() == decision.used())
                .map(view -> view.provider().generation())
                .orElse(null);
    }

    private static Written add(
            Written before, List<ProviderDecision> decisions, Map<UUID, PlacementException> failures) {
        int created = before.created();
        int changed = before.changed();
        int removed = before.removed();
        for (ProviderDecision decision : decisions) {
            if (decision.operations().isEmpty() || failures.containsKey(decision.uuid())) {
                continue;
            }
            switch (decision.operations().getFirst()) {
                case Operation.Create c -> created++;
                case Operation.Delete d -> removed++;
                case Operation.Adopt a -> changed++;
                case Operation.PutTraits p -> changed++;
                case Operation.PutInventories p -> changed++;
            }
        }
        return new Written(created, changed, removed);
    }
}
