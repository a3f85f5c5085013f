package io.pciplacement.operator.sync;

import io.pciplacement.placement.Names;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderAllocations;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.ProviderView;
import io.pciplacement.planning.allocation.Audit;
import io.pciplacement.planning.allocation.Unexplained;
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
    private final Marks marks;
    private final Mirror mirror = new Mirror();
    private final RootProviderCache roots;
    private final Vocabulary vocabulary;
    private final HostSync hosts;
    private final Stocks stocks;
    private final AllocationWriter writer;
    private final AllocationSync allocations;
    private final ClaimDesk claims;
    private final Map<UUID, String> nodes = new ConcurrentHashMap<>();
    private final List<ReentrantLock> locksOfConsumers =
            Stream.generate(ReentrantLock::new).limit(64).toList();
    private volatile Link link = new Link.Waiting();
    private volatile @Nullable Names names;

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
    public PlacementSync(PlacementClient placement, Marks marks, ExecutorService pool) {
        this(placement, marks, pool, InstantSource.system());
    }

    /** The same with a clock of its own. */
    public PlacementSync(PlacementClient placement, Marks marks, ExecutorService pool, InstantSource clock) {
        this.placement = placement;
        this.marks = marks;
        this.vocabulary = new Vocabulary(placement);
        this.roots = new RootProviderCache(placement, mirror);
        this.hosts = new HostSync(placement, mirror, roots, new Applier(placement, mirror, vocabulary, pool), clock);
        this.stocks = new Stocks(mirror);
        this.writer = new AllocationWriter(placement, mirror, nodes);
        ConsumerRoots roots = new ConsumerRoots(placement, mirror, nodes);
        this.allocations = new AllocationSync(placement, mirror, stocks, writer, roots);
        this.claims = new ClaimDesk(placement, mirror, stocks, writer, roots);
    }

    public Link link() {
        return link;
    }

    /** The standard names that Placement serves, as last heard; none before it was heard of. */
    public Names names() {
        Names known = names;
        return known == null ? new Names(Set.of(), Set.of()) : known;
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
            if (!(link instanceof Link.Up)) {
                connect();
                // Whoever met with it between two sweeps waits for this, though no sweep has told of it.
                told = "";
                return new Sweep(Set.of(), true);
            }
            Set<UUID> changed = new HashSet<>(listing());
            changed.addAll(roots.verify());
            for (ProviderView view : mirror.inUse(USAGES_PER_SWEEP)) {
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
            link = Link.Down.because(e);
            return new Sweep(Set.of(), isNews());
        }
    }

    /** What is remembered stays: the listing's generations tell what of it still holds. */
    private void connect() {
        Names known = vocabulary.load();
        names = known;
        vocabulary.ensure(Trait.OPERATOR_MARK);
        listing();
        roots.verify();
        link = new Link.Up(known, marks.traits(vocabulary::knows));
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
        String now = link instanceof Link.Down down ? down.reason() : "";
        boolean news = !now.equals(told);
        told = now;
        return news;
    }

    /** Brings one host in sync, as far as Placement lets it. Never throws for Placement's sake. */
    public HostOutcome sync(HostRequest request) {
        return remembered(request, hosts::sync);
    }

    /** Reads what Placement has of a host and says what would be written; claims and holdings go on from there. */
    public HostOutcome look(HostRequest request) {
        HostOutcome outcome = withLink(
                up -> hosts.sync(request.reading(), up), new HostOutcome.NotYet(), HostOutcome.NoPlacement::new);
        return remembered(request, outcome);
    }

    /** Everything that is known of our providers below a root, by name. */
    public Map<String, ProviderView> views(UUID root) {
        Map<String, ProviderView> views = new TreeMap<>();
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
    public List<Unexplained> unexplained(UUID root, Predicate<UUID> explained) {
        return views(root).values().stream()
                .flatMap(view -> Audit.of(view.name(), view.uuid(), view.allocations(), explained).stream())
                .toList();
    }

    /** Takes a host that goes out of Placement, as far as nobody uses it. Never throws for Placement's sake. */
    public HostOutcome remove(HostRequest request) {
        HostOutcome outcome = remembered(request, hosts::remove);
        stocks.forget(request.node());
        return outcome;
    }

    /** Whether a claim was decided without a host because something of it had to be read again; tells it once. */
    public boolean wasMissed(String node) {
        return stocks.wasMissed(node);
    }

    /** Makes the PCI part of a consumer's allocation what its devices say. Never throws for Placement's sake. */
    public AllocationOutcome hold(HoldRequest request) {
        return alone(
                request.holding().consumers(),
                up -> request.there().getAsBoolean() ? allocations.hold(request) : new AllocationOutcome.NotYet());
    }

    /** Chooses devices for a consumer and gives them to it. Never throws for Placement's sake. */
    public AllocationOutcome claim(ClaimRequest request) {
        return alone(
                Set.of(request.claim().consumer().uuid()),
                up -> request.there().getAsBoolean() ? claims.decide(request) : new AllocationOutcome.NotYet());
    }

    /** Takes away what an object has written for its consumers. Never throws for Placement's sake. */
    public AllocationOutcome release(ReleaseRequest request) {
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
    private AllocationOutcome alone(Set<UUID> consumers, Function<Link.Up, AllocationOutcome> work) {
        // In one order for all, so that nobody waits for somebody who waits for him.
        List<ReentrantLock> locks = consumers.stream()
                .map(consumer -> Math.floorMod(consumer.hashCode(), locksOfConsumers.size()))
                .distinct()
                .sorted()
                .map(locksOfConsumers::get)
                .toList();
        locks.forEach(ReentrantLock::lock);
        try {
            return withLink(work, new AllocationOutcome.NotYet(), AllocationOutcome.NoPlacement::new);
        } finally {
            locks.forEach(ReentrantLock::unlock);
        }
    }

    private HostOutcome remembered(HostRequest request, BiFunction<HostRequest, Link.Up, HostOutcome> work) {
        return remembered(
                request,
                withLink(up -> work.apply(request, up), new HostOutcome.NotYet(), HostOutcome.NoPlacement::new));
    }

    private HostOutcome remembered(HostRequest request, HostOutcome outcome) {
        if (outcome instanceof HostOutcome.Decided decided) {
            nodes.put(decided.root(), request.node());
        }
        stocks.put(request, outcome);
        return outcome;
    }

    private <T> T withLink(Function<Link.Up, T> work, T notYet, BiFunction<Link.Down, Boolean, T> noPlacement) {
        return switch (link) {
            case Link.Waiting w -> notYet;
            case Link.Down down -> noPlacement.apply(down, false);
            case Link.Up up -> {
                try {
                    yield work.apply(up);
                } catch (PlacementException e) {
                    Link.Down down = Link.Down.because(e);
                    boolean forAll = Reaction.to(e) == Reaction.WAIT;
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
