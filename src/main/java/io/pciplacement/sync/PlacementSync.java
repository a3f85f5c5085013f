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
import io.pciplacement.sync.cache.PlacementNameRegistry;
import io.pciplacement.sync.cache.ProviderCache;
import io.pciplacement.sync.root.ConsumerRootProviders;
import io.pciplacement.sync.root.RootProviderCache;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The operator's side of Placement: whether it can be used, what is remembered of it, and the two things that are done
 * with it. A sweep compares what is remembered of the whole cloud with one listing; a host's sync writes what it lacks.
 */
public final class PlacementSync {

    /** How many providers in use have their allocations read again in one sweep. */
    private static final int USAGES_PER_SWEEP = 100;

    private final PlacementClient placement;
    private final OwnershipTraits marks;
    private final ProviderCache mirror = new ProviderCache();
    private final RootProviderCache roots;
    private final PlacementNameRegistry vocabulary;
    private final HostSync hosts;
    private final HostCapacityCache stocks;
    private final AllocationWriter writer;
    private final AllocationSync allocations;
    private final ClaimExecutor claims;
    private final Map<UUID, String> nodes = new ConcurrentHashMap<>();
    private final List<ReentrantLock> locksOfConsumers =
            Stream.generate(ReentrantLock::new).limit(64).toList();
    private volatile PlacementState link = new PlacementState.Connecting();
    private volatile @Nullable NameNormalizer names;

    /**
     * What the hosts were last told: the reason why Placement cannot be used, or that it can; touched by sweeps only.
     */
    private @Nullable String told;

    /**
     * Makes the operator's side of a Placement; nothing is asked of it yet.
     *
     * @param marks which traits all its providers get
     * @param pool where a host's writes run side by side
     */
    public PlacementSync(PlacementClient placement, OwnershipTraits marks, ExecutorService pool) {
        this(placement, marks, pool, InstantSource.system());
    }

    /** The same with a clock of its own. */
    public PlacementSync(PlacementClient placement, OwnershipTraits marks, ExecutorService pool, InstantSource clock) {
        this.placement = placement;
        this.marks = marks;
        this.vocabulary = new PlacementNameRegistry(placement);
        this.roots = new RootProviderCache(placement, mirror);
        this.hosts =
                new HostSync(placement, mirror, roots, new PlanApplier(placement, mirror, vocabulary, pool), clock);
        this.stocks = new HostCapacityCache(mirror);
        this.writer = new AllocationWriter(placement, mirror, nodes);
        ConsumerRootProviders roots = new ConsumerRootProviders(placement, mirror, nodes);
        this.allocations = new AllocationSync(placement, mirror, stocks, writer, roots);
        this.claims = new ClaimExecutor(placement, mirror, stocks, writer, roots);
    }

    public PlacementState link() {
        return link;
    }

    /** The standard names that Placement serves, as last heard; none before it was heard of. */
    public NameNormalizer names() {
        NameNormalizer known = names;
        return known == null ? new NameNormalizer(Set.of(), Set.of()) : known;
    }

    /**
     * All that a stand-by asks of Placement, and it asks once.
     *
     * @return whether the names are known
     */
    public boolean learnNames() {
        try {
            if (names == null) {
                names = vocabulary.load();
            }
            return true;
        } catch (PlacementException e) {
            return false;
        }
    }

    /** How many providers of ours Placement is known to have. */
    public int providers() {
        return mirror.size();
    }

    /**
     * What a sweep found.
     *
     * @param nodes the nodes whose providers are not as remembered
     * @param linkChanged whether Placement can be used now and could not before, or the reverse
     */
    public record Sweep(Set<String> nodes, boolean linkChanged) {}

    /** Reads the whole cloud in two requests, and compares. Never throws for Placement's sake: the link tells. */
    public Sweep sweep() {
        try {
            if (!(link instanceof PlacementState.Available)) {
                connect();
                // Whoever met with it between two sweeps waits for this, though no sweep has told of it.
                told = "";
                return new Sweep(Set.of(), true);
            }
            Set<UUID> changed = new HashSet<>(listing());
            changed.addAll(roots.verify());
            for (ObservedProvider view : mirror.inUse(USAGES_PER_SWEEP)) {
                ProviderAllocations read = placement.allocations(view.uuid());
                if (mirror.allocations(view, read)) {
                    changed.add(view.provider().root());
                }
            }
            Set<String> affected = new HashSet<>();
            changed.forEach(root -> Optional.ofNullable(nodes.get(root)).ifPresent(affected::add));
            return new Sweep(affected, isNews());
        } catch (PlacementException.NotFound e) {
            // A provider went between the listing and the reading: the next listing tells.
            return new Sweep(Set.of(), isNews());
        } catch (PlacementException e) {
            link = PlacementState.Unavailable.because(e);
            return new Sweep(Set.of(), isNews());
        }
    }

    /** What is remembered stays: the listing's generations tell what of it still holds. */
    private void connect() {
        NameNormalizer known = vocabulary.load();
        names = known;
        vocabulary.ensure(Trait.OPERATOR_MARK);
        listing();
        roots.verify();
        link = new PlacementState.Available(known, marks.traits(vocabulary::knows));
    }

    private Set<UUID> listing() {
        long asOf = mirror.now();
        List<ResourceProvider> listing = placement.providersWith(Trait.OPERATOR_MARK);
        if (listing.isEmpty() && mirror.size() > 0) {
            // Placement may have begun anew: then it has lost the names that were made in it, too.
            vocabulary.load();
            vocabulary.ensure(Trait.OPERATOR_MARK);
        }
        return mirror.listed(listing, asOf);
    }

    /** Whether the hosts were last told something else about Placement than what holds now. */
    private boolean isNews() {
        String now = link instanceof PlacementState.Unavailable down ? down.reason() : "";
        boolean news = !now.equals(told);
        told = now;
        return news;
    }

    /** Brings one host in sync, as far as Placement lets it. Never throws for Placement's sake. */
    public HostSyncResult sync(HostSyncRequest request) {
        return remembered(request, hosts::sync);
    }

    /** Reads what Placement has of a host and says what would be written; claims and holdings go on from there. */
    public HostSyncResult look(HostSyncRequest request) {
        HostSyncResult outcome = withLink(
                up -> hosts.sync(request.reading(), up),
                new HostSyncResult.Deferred(),
                HostSyncResult.PlacementUnavailable::new);
        return remembered(request, outcome);
    }

    /** Everything that is known of our providers below a root, by name. */
    public Map<String, ObservedProvider> views(UUID root) {
        Map<String, ObservedProvider> views = new TreeMap<>();
        mirror.below(root).forEach((name, entry) -> {
            if (entry.view() != null) {
                views.put(name, entry.view());
            }
        });
        return views;
    }

    /** Who is known to have something below a root. */
    public Set<UUID> consumers(UUID root) {
        Set<UUID> consumers = new HashSet<>();
        views(root).values().forEach(view -> consumers.addAll(view.allocations().keySet()));
        return consumers;
    }

    /** What below a root has consumers that no PciAllocation names. */
    public List<UnaccountedAllocation> unexplained(UUID root, Predicate<UUID> explained) {
        return views(root).values().stream()
                .flatMap(view ->
                        UnaccountedAllocations.findUnaccounted(view.name(), view.uuid(), view.allocations(), explained)
                                .stream())
                .toList();
    }

    /** Takes a host that goes out of Placement, as far as nobody uses it. Never throws for Placement's sake. */
    public HostSyncResult remove(HostSyncRequest request) {
        HostSyncResult outcome = remembered(request, hosts::remove);
        stocks.forget(request.node());
        return outcome;
    }

    /** Whether a claim was decided without a host because something of it had to be read again; tells it once. */
    public boolean wasMissed(String node) {
        return stocks.wasMissed(node);
    }

    /** Makes the PCI part of a consumer's allocation what its devices say. Never throws for Placement's sake. */
    public AllocationSyncResult hold(AllocationSyncRequest request) {
        return alone(
                request.holding().consumerUuids(),
                up -> request.there().getAsBoolean() ? allocations.hold(request) : new AllocationSyncResult.Deferred());
    }

    /** Chooses devices for a consumer and gives them to it. Never throws for Placement's sake. */
    public AllocationSyncResult claim(ClaimRequest request) {
        return alone(
                Set.of(request.claim().consumer().uuid()),
                up -> request.there().getAsBoolean() ? claims.decide(request) : new AllocationSyncResult.Deferred());
    }

    /** Takes away what an object has written for its consumers. Never throws for Placement's sake. */
    public AllocationSyncResult release(ReleaseRequest request) {
        return alone(request.consumers(), up -> allocations.release(request));
    }

    /**
     * Keeps back all of those providers that are for one use.
     *
     * @return whether something was not kept back before
     * @throws PlacementException where that cannot be written
     */
    public boolean keepBack(Set<UUID> providers) {
        boolean any = false;
        for (UUID provider : providers) {
            any |= writer.keepBack(provider);
        }
        return any;
    }

    /** While a consumer's part is made it cannot be released, or it would come back after that. */
    private AllocationSyncResult alone(
            Set<UUID> consumers, Function<PlacementState.Available, AllocationSyncResult> work) {
        // In one order for all, so that nobody waits for somebody who waits for him.
        List<ReentrantLock> locks = consumers.stream()
                .map(consumer -> Math.floorMod(consumer.hashCode(), locksOfConsumers.size()))
                .distinct()
                .sorted()
                .map(locksOfConsumers::get)
                .toList();
        locks.forEach(ReentrantLock::lock);
        try {
            return withLink(work, new AllocationSyncResult.Deferred(), AllocationSyncResult.PlacementUnavailable::new);
        } finally {
            locks.forEach(ReentrantLock::unlock);
        }
    }

    private HostSyncResult remembered(
            HostSyncRequest request, BiFunction<HostSyncRequest, PlacementState.Available, HostSyncResult> work) {
        return remembered(
                request,
                withLink(
                        up -> work.apply(request, up),
                        new HostSyncResult.Deferred(),
                        HostSyncResult.PlacementUnavailable::new));
    }

    private HostSyncResult remembered(HostSyncRequest request, HostSyncResult outcome) {
        if (outcome instanceof HostSyncResult.Synced decided) {
            nodes.put(decided.root(), request.node());
        }
        stocks.put(request, outcome);
        return outcome;
    }

    private <T> T withLink(
            Function<PlacementState.Available, T> work,
            T notYet,
            BiFunction<PlacementState.Unavailable, Boolean, T> noPlacement) {
        return switch (link) {
            case PlacementState.Connecting w -> notYet;
            case PlacementState.Unavailable down -> noPlacement.apply(down, false);
            case PlacementState.Available up -> {
                try {
                    yield work.apply(up);
                } catch (PlacementException e) {
                    PlacementState.Unavailable down = PlacementState.Unavailable.because(e);
                    boolean forAll = FailureAction.to(e) == FailureAction.WAIT;
                    if (forAll) {
                        // The next sweep finds out whether it is so for everybody, and tells every host.
                        link = down;
                    }
                    yield noPlacement.apply(down, !forAll);
                }
            }
        };
    }
}
