package io.pciplacement.operator.sync;

import io.pciplacement.operator.sync.AllocationOutcome.Judged;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderAllocations;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.allocation.Consumer;
import io.pciplacement.planning.allocation.DeviceAt;
import io.pciplacement.planning.allocation.Healing;
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
import java.util.TreeSet;
import java.util.UUID;

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
    private final Map<UUID, String> nodes;

    AllocationSync(PlacementClient placement, Mirror mirror, Stocks stocks, Map<UUID, String> nodes) {
        this.placement = placement;
        this.mirror = mirror;
        this.stocks = stocks;
        this.nodes = nodes;
    }

    /** @throws PlacementException where nobody gets through */
    AllocationOutcome hold(HoldRequest request) {
        Map<String, HostStock> hosts = new HashMap<>();
        for (DeviceAt device : request.holding().devices()) {
            if (!hosts.containsKey(device.node()) && request.hostExists().test(device.node())) {
                Optional<HostStock> stock = stocks.of(device.node());
                if (stock.isEmpty()) {
                    return new AllocationOutcome.NotYet();
                }
                hosts.put(device.node(), stock.get());
            }
        }
        Verdict remembered = judge(request, hosts, remembered(request.holding().consumer()));
        if (!(remembered instanceof Verdict.Write)) {
            return new Judged(remembered, Set.of(), false);
        }
        UUID consumer = request.holding().consumer().uuid();
        for (int attempt = 1; ; attempt++) {
            Allocation present = placement.allocation(consumer);
            Verdict verdict = judge(request, hosts, present);
            if (!(verdict instanceof Verdict.Write write)) {
                // What was remembered is not so any more; the next sweep tells its host.
                return new Judged(verdict, Set.of(), false);
            }
            Optional<Problem> moving = moving(request, hosts, present);
            if (moving.isPresent()) {
                return new Judged(new Verdict.Left(moving.get()), Set.of(), true);
            }
            try {
                return new Judged(write, put(consumer, present, write.allocation()), false);
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

    /** @throws PlacementException where nobody gets through */
    AllocationOutcome release(UUID consumer) {
        for (int attempt = 1; ; attempt++) {
            Allocation present = placement.allocation(consumer);
            Allocation rest = Healing.released(present, mirror::ofDevices);
            if (present.generation() == null || rest.resources().equals(present.resources())) {
                return new AllocationOutcome.Released(Set.of());
            }
            try {
                return new AllocationOutcome.Released(put(consumer, present, rest));
            } catch (PlacementException.GenerationConflict e) {
                if (attempt == TRIES) {
                    throw e;
                }
            }
        }
    }

    /** Writes, and tells the nodes whose providers that touches. */
    Set<String> put(UUID consumer, Allocation before, Allocation after) {
        Set<UUID> touched = new TreeSet<>(before.resources().keySet());
        touched.addAll(after.resources().keySet());
        try {
            placement.putAllocations(Map.of(consumer, after));
        } catch (PlacementException e) {
            if (Reaction.to(e) == Reaction.WAIT) {
                // It may have been carried out although no answer came.
                touched.forEach(mirror::stale);
            }
            throw e;
        }
        mirror.allocated(consumer, before, after);
        Set<String> hosts = new TreeSet<>();
        touched.forEach(uuid -> mirror.get(uuid)
                .map(entry -> nodes.get(entry.provider().root()))
                .ifPresent(hosts::add));
        return hosts;
    }

    /** Somebody else was faster: what is left of a provider is read again. */
    void readAgain(UUID provider) {
        mirror.get(provider).map(Mirror.Entry::view).ifPresent(view -> {
            ProviderAllocations read = placement.allocations(provider);
            mirror.put(view.withAllocations(read.generation(), read.byConsumer()));
        });
    }

    private static Judged refused(PlacementException e) {
        return new Judged(
                new Verdict.Left(new Problem.RefusedByPlacement(String.valueOf(e.getMessage()))), Set.of(), true);
    }

    private Verdict judge(HoldRequest request, Map<String, HostStock> hosts, Allocation present) {
        return Healing.judge(request.holding(), hosts, request.rivals(), present, mirror::ofDevices);
    }

    /** What is remembered of a consumer's PCI part, as if it were all; nobody's generation, never to be written. */
    private Allocation remembered(Consumer consumer) {
        Map<UUID, Map<ResourceClass, Integer>> held = mirror.heldBy(consumer.uuid());
        return new Allocation(held, consumer.projectId(), consumer.userId(), 0, consumer.type());
    }

    /**
     * A resize on the same host: Nova gives the migration what the server had, and the server what it will have. Which
     * migration is whose is not in Placement, so one of the same project and user is enough to wait.
     */
    private Optional<Problem> moving(HoldRequest request, Map<String, HostStock> hosts, Allocation present) {
        Consumer consumer = request.holding().consumer();
        if (!consumer.external()) {
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
