package io.pciplacement.operator.sync;

import io.pciplacement.operator.sync.AllocationOutcome.Judged;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.planning.allocation.Consumer;
import io.pciplacement.planning.allocation.Healing;
import io.pciplacement.planning.allocation.Holding;
import io.pciplacement.planning.allocation.HostStock;
import io.pciplacement.planning.allocation.Problem;
import io.pciplacement.planning.allocation.ProviderStock;
import io.pciplacement.planning.allocation.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;

/**
 * Makes the PCI part of consumers' allocations right: judge by what is remembered, and only where that is not right
 * read the consumer, judge again, write. Where somebody else was faster it starts over, a few times at most.
 */
final class AllocationSync {

    private static final int TRIES = 4;
    private static final String MIGRATION = "MIGRATION";

    /** More unknown consumers on one host than this are not looked at. */
    private static final int STRANGERS = 32;

    private final PlacementClient placement;
    private final Mirror mirror;
    private final Stocks stocks;
    private final AllocationWriter writer;

    AllocationSync(PlacementClient placement, Mirror mirror, Stocks stocks, AllocationWriter writer) {
        this.placement = placement;
        this.mirror = mirror;
        this.stocks = stocks;
        this.writer = writer;
    }

    /** @throws PlacementException where nobody gets through */
    AllocationOutcome hold(HoldRequest request) {
        Holding holding = request.holding();
        Map<String, HostStock> hosts = new HashMap<>();
        for (String node : Healing.hosts(holding)) {
            if (request.hostExists().test(node)) {
                Optional<HostStock> stock = stocks.of(node);
                if (stock.isEmpty()) {
                    return new AllocationOutcome.NotYet();
                }
                hosts.put(node, stock.get());
            }
        }
        Verdict remembered = judge(request, hosts, each(holding.consumers(), uuid -> remembered(holding, uuid)));
        boolean settled = switch (remembered) {
            case Verdict.Right right -> true;
            // What others do in a move is not remembered at once.
            case Verdict.Left left -> holding.move() == null || left.problem().refuses();
            case Verdict.Write write -> false;
        };
        if (settled) {
            return new Judged(remembered, Set.of(), false);
        }
        for (int attempt = 1; ; attempt++) {
            Map<UUID, Allocation> present = each(holding.consumers(), placement::allocation);
            Verdict verdict = judge(request, hosts, present);
            if (!(verdict instanceof Verdict.Write write)) {
                // What was remembered is not so any more; the next sweep tells its host.
                return new Judged(verdict, Set.of(), verdict.amiss().isPresent());
            }
            Optional<Problem> moving = undeclaredMove(request, hosts, present);
            if (moving.isPresent()) {
                return new Judged(new Verdict.Left(moving.get()), Set.of(), true);
            }
            try {
                return new Judged(
                        write,
                        writer.put(present, write.allocations(), attempt),
                        write.open().isPresent());
            } catch (PlacementException e) {
                switch (Reaction.to(e)) {
                    case WAIT -> throw e;
                    case REPLAN -> {
                        if (attempt == TRIES) {
                            return refused(e);
                        }
                    }
                    case REFUSED -> {
                        return refused(e);
                    }
                }
            }
        }
    }

    /**
     * Takes away all that consumers have of ours.
     *
     * @throws PlacementException where nobody gets through
     */
    AllocationOutcome release(Set<UUID> consumers) {
        for (int attempt = 1; ; attempt++) {
            Map<UUID, Allocation> present = each(consumers, placement::allocation);
            Map<UUID, Allocation> rest = new TreeMap<>();
            present.forEach((uuid, allocation) -> {
                Allocation released = Healing.released(allocation, mirror::ofDevices);
                if (!released.equals(allocation)) {
                    rest.put(uuid, released);
                }
            });
            if (rest.isEmpty()) {
                return new AllocationOutcome.Released(Set.of());
            }
            try {
                return new AllocationOutcome.Released(writer.put(present, rest, attempt));
            } catch (PlacementException.GenerationConflict e) {
                if (attempt == TRIES) {
                    throw e;
                }
            }
        }
    }

    private static Map<UUID, Allocation> each(Set<UUID> consumers, Function<UUID, Allocation> what) {
        Map<UUID, Allocation> all = new TreeMap<>();
        consumers.forEach(uuid -> all.put(uuid, what.apply(uuid)));
        return all;
    }

    private static Judged refused(PlacementException e) {
        return new Judged(
                new Verdict.Left(new Problem.RefusedByPlacement(String.valueOf(e.getMessage()))), Set.of(), true);
    }

    private Verdict judge(HoldRequest request, Map<String, HostStock> hosts, Map<UUID, Allocation> present) {
        return Healing.judge(request.holding(), hosts, request.rivals(), present, mirror::ofDevices);
    }

    /** What is remembered of a consumer's PCI part, as if it were all; nobody's generation, never to be written. */
    private Allocation remembered(Holding holding, UUID consumer) {
        return new Allocation(
                mirror.heldBy(consumer),
                holding.consumer().projectId(),
                holding.consumer().userId(),
                0,
                holding.consumer().type());
    }

    /**
     * A resize on the same host: Nova gives the migration what the server had, and the server what it will have. Which
     * migration is whose is not in Placement, so one of the same project and user is enough to wait.
     */
    private Optional<Problem> undeclaredMove(
            HoldRequest request, Map<String, HostStock> hosts, Map<UUID, Allocation> all) {
        Consumer consumer = request.holding().consumer();
        Allocation present = all.get(consumer.uuid());
        if (!consumer.external() || request.holding().move() != null || present == null) {
            return Optional.empty();
        }
        for (UUID stranger : strangers(request, hosts)) {
            Allocation other = placement.allocation(stranger);
            if (other.consumerType().equals(MIGRATION)
                    && other.projectId().equals(present.projectId())
                    && other.userId().equals(present.userId())) {
                return Optional.of(new Problem.MoveInProgress(consumer.uuid(), stranger));
            }
        }
        return Optional.empty();
    }

    /** Consumers on the same hosts of which no PciAllocation tells. */
    private static List<UUID> strangers(HoldRequest request, Map<String, HostStock> hosts) {
        Set<UUID> consumers = new TreeSet<>();
        for (HostStock host : hosts.values()) {
            if (host instanceof HostStock.Reported reported) {
                for (ProviderStock provider : reported.providers().values()) {
                    consumers.addAll(provider.view().allocations().keySet());
                }
            }
        }
        consumers.removeIf(request.explained());
        consumers.remove(request.holding().consumer().uuid());
        return new ArrayList<>(consumers).subList(0, Math.min(STRANGERS, consumers.size()));
    }
}
