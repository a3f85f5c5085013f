package io.pciplacement.operator.sync;

import io.pciplacement.operator.sync.HostOutcome.Progress;
import io.pciplacement.operator.sync.HostOutcome.ProviderResult;
import io.pciplacement.operator.sync.HostOutcome.Written;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.placement.Inventories;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderAllocations;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.Adoption;
import io.pciplacement.planning.Differ;
import io.pciplacement.planning.Finding;
import io.pciplacement.planning.HostTarget;
import io.pciplacement.planning.NamedSpec;
import io.pciplacement.planning.Operation;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.planning.ProviderUuid;
import io.pciplacement.planning.ProviderView;
import io.pciplacement.planning.Resolution;
import io.pciplacement.planning.Resolver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Brings one host in sync: resolve its specs, find its root, know what Placement has below it, compare, write. Where
 * the world turns out to be another than remembered it reads that part again and starts over, a few times at most.
 */
final class HostSync {

    private static final int TRIES = 3;

    private final PlacementClient placement;
    private final Mirror mirror;
    private final Applier applier;
    private final Map<String, UUID> roots = new ConcurrentHashMap<>();
    private final Map<UUID, Map<String, UUID>> foreign = new ConcurrentHashMap<>();

    HostSync(PlacementClient placement, Mirror mirror, Applier applier) {
        this.placement = placement;
        this.mirror = mirror;
        this.applier = applier;
    }

    /** @throws PlacementException where nobody gets through */
    HostOutcome sync(HostRequest request, Link.Up link) {
        List<NamedSpec> specs = request.specs().stream()
                .map(spec -> NamedSpec.of(spec, link.names()))
                .toList();
        Resolution resolution = Resolver.resolve(request.devices(), specs);
        Written written = Written.NOTHING;
        lookForOthers(request);
        for (int attempt = 1; ; attempt++) {
            Optional<UUID> root = root(request, link);
            if (root.isEmpty() && request.write()) {
                return new HostOutcome.NoRoot(request.rootName(), resolution);
            }
            // Without a root the plan is still worth seeing; the uuids are those it would have.
            UUID rootUuid = root.orElseGet(() -> ProviderUuid.ofRoot(request.rootName()));
            HostTarget target = new HostTarget(request.rootName(), rootUuid, link.marks());
            Map<String, ProviderView> ours = root.isPresent() ? ours(target, request) : Map.of();
            List<ProviderDecision> decisions = Differ.diff(
                    request.devices(),
                    resolution,
                    target,
                    ours,
                    foreign.getOrDefault(rootUuid, Map.of()),
                    adoption(request, resolution, target),
                    request.held(),
                    request.cards(),
                    request.cleaned());
            if (!request.write()) {
                return decided(rootUuid, resolution, decisions, Map.of(), Written.NOTHING, true);
            }
            Map<UUID, PlacementException> failures = applier.apply(decisions);
            written = add(written, decisions, failures);
            boolean replan = failures.values().stream().anyMatch(e -> Reaction.to(e) == Reaction.REPLAN);
            if (!replan || attempt == TRIES) {
                return decided(rootUuid, resolution, decisions, failures, written, false);
            }
            failures.forEach((uuid, e) -> lookAgain(request, target, uuid, e));
        }
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
            try {
                placement.deleteProvider(own);
                mirror.removed(own);
                roots.remove(request.rootName());
            } catch (PlacementException.InUse e) {
                // Somebody else has made it his own meanwhile: it stays.
            }
        }
        return outcome;
    }

    /**
     * The host's root, of the listing where it is ours, else read, or made where it is missing; the first look also
     * tells who else is below it.
     */
    private Optional<UUID> root(HostRequest request, Link.Up link) {
        UUID known = roots.get(request.rootName());
        if (known != null) {
            return Optional.of(known);
        }
        UUID own = ProviderUuid.ofRoot(request.rootName());
        Optional<ResourceProvider> found = mirror.get(own)
                .map(Mirror.Entry::provider)
                .filter(listed -> listed.name().equals(request.rootName()))
                .or(() -> placement.providerNamed(request.rootName()));
        if (found.isEmpty()) {
            if (!request.createRoot() || !request.write()) {
                return Optional.empty();
            }
            ResourceProvider made = placement.createProvider(own, request.rootName(), Optional.empty());
            markRoot(made, link);
            foreign.put(own, Map.of());
        } else {
            ResourceProvider root = found.get();
            if (root.uuid().equals(own) && request.write() && mirror.get(own).isEmpty()) {
                // Made by us, but a kill came before its mark.
                markRoot(root, link);
            }
            look(request.rootName(), root.uuid());
        }
        UUID uuid = found.map(ResourceProvider::uuid).orElse(own);
        roots.put(request.rootName(), uuid);
        return Optional.of(uuid);
    }

    private void markRoot(ResourceProvider root, Link.Up link) {
        SortedSet<Trait> traits = new TreeSet<>(link.marks());
        traits.remove(Trait.MANAGED_PCI_DEVICE);
        int generation = placement.putTraits(root.uuid(), new ProviderTraits(root.generation(), traits));
        mirror.found(new ResourceProvider(root.uuid(), root.name(), root.parent(), root.root(), generation));
    }

    /**
     * Reads the tree: which of ours were made but not yet marked, and which providers of a name of ours are not ours.
     */
    private void look(String rootName, UUID root) {
        Map<String, UUID> others = new TreeMap<>();
        HostTarget target = new HostTarget(rootName, root, new TreeSet<>());
        for (ResourceProvider provider : placement.tree(root)) {
            if (target.address(provider.name()).isPresent()
                    && mirror.get(provider.uuid()).isEmpty()) {
                if (provider.uuid().equals(ProviderUuid.ofChild(root, provider.name()))) {
                    mirror.found(provider);
                } else {
                    others.put(provider.name(), provider.uuid());
                }
            }
        }
        foreign.put(root, others);
    }

    /** Whose providers stood in our way may have left, or there may be more of them. */
    private void lookForOthers(HostRequest request) {
        UUID root = roots.get(request.rootName());
        if (root != null && !foreign.getOrDefault(root, Map.of()).isEmpty()) {
            look(request.rootName(), root);
        }
    }

    /** What others have of what our specs want, read anew each time: nobody tells us when they change it. */
    private Adoption adoption(HostRequest request, Resolution resolution, HostTarget target) {
        Map<String, UUID> others = foreign.getOrDefault(target.rootUuid(), Map.of());
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
                    readAll(provider, null).ifPresent(view -> theirs.put(name, view));
                });
        return new Adoption(request.write() ? request.adopt() : Adoption.Mode.PLAN, theirs);
    }

    /** All that Placement has of ours below the root; only what is not known is read. */
    private Map<String, ProviderView> ours(HostTarget target, HostRequest request) {
        Map<String, ProviderView> views = new TreeMap<>();
        mirror.below(target.rootUuid()).forEach((name, entry) -> {
            ProviderView view = entry.view() != null ? entry.view() : read(entry, request);
            if (view != null) {
                views.put(name, view);
            }
        });
        return views;
    }

    private @Nullable ProviderView read(Mirror.Entry entry, HostRequest request) {
        ResourceProvider provider = entry.provider();
        Remembered memory = request.remembered().getOrDefault(provider.name(), Remembered.NOTHING);
        Optional<ProviderView> view = Optional.<Remembered.Content>ofNullable(entry.doubted() ? null : memory.content())
                .flatMap(content -> recall(provider, content, memory.countedAs()))
                .or(() -> readAll(provider, memory.countedAs()));
        view.ifPresentOrElse(mirror::put, () -> mirror.removed(provider.uuid()));
        return view.orElse(null);
    }

    /** What the host's object remembers, if the provider has not moved since; so a restart reads next to nothing. */
    private Optional<ProviderView> recall(
            ResourceProvider provider, Remembered.Content content, @Nullable DeviceType countedAs) {
        if (!content.provider().equals(provider.uuid()) || content.generation() != provider.generation()) {
            return Optional.empty();
        }
        Map<UUID, Map<ResourceClass, Integer>> allocations = Map.of();
        if (content.used()) {
            ProviderAllocations read = placement.allocations(provider.uuid());
            if (read.generation() != provider.generation()) {
                return Optional.empty();
            }
            allocations = read.byConsumer();
        }
        return Optional.of(new ProviderView(provider, content.inventories(), content.traits(), allocations, countedAs));
    }

    /** Empty for one that has gone. */
    private Optional<ProviderView> readAll(ResourceProvider provider, @Nullable DeviceType countedAs) {
        UUID uuid = provider.uuid();
        try {
            Inventories inventories = placement.inventories(uuid);
            ProviderTraits traits = placement.traits(uuid);
            ProviderAllocations allocations = placement.allocations(uuid);
            // Read apart, so a change in between shows as two generations; the older one makes a write fail, not lie.
            int generation =
                    Math.min(inventories.generation(), Math.min(traits.generation(), allocations.generation()));
            return Optional.of(new ProviderView(
                    new ResourceProvider(uuid, provider.name(), provider.parent(), provider.root(), generation),
                    inventories.byClass(),
                    traits.traits(),
                    allocations.byConsumer(),
                    countedAs));
        } catch (PlacementException.NotFound e) {
            return Optional.empty();
        }
    }

    /** Something was not as remembered; find out what before the next try. */
    private void lookAgain(HostRequest request, HostTarget target, UUID uuid, PlacementException e) {
        boolean known = mirror.get(uuid).isPresent();
        if (e instanceof PlacementException.NotFound && !known) {
            // What was missing is the parent of what should be made.
            roots.remove(request.rootName());
            mirror.removed(target.rootUuid());
            foreign.remove(target.rootUuid());
        } else if (e instanceof PlacementException.NotFound) {
            mirror.removed(uuid);
        } else if (e instanceof PlacementException.NameTaken) {
            look(request.rootName(), target.rootUuid());
        }
    }

    private HostOutcome decided(
            UUID root,
            Resolution resolution,
            List<ProviderDecision> decisions,
            Map<UUID, PlacementException> failures,
            Written written,
            boolean planned) {
        List<ProviderResult> results = new ArrayList<>();
        for (ProviderDecision decision : decisions) {
            PlacementException failure = failures.get(decision.uuid());
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
        boolean inTheWay = decisions.stream()
                .anyMatch(decision -> decision.state() == State.PROPOSED
                        || decision.findings().stream().anyMatch(Finding.ForeignOwner.class::isInstance));
        return new HostOutcome.Decided(root, resolution, results, written, inTheWay || !failures.isEmpty());
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
