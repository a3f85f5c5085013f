package io.pciplacement.operator.sync;

import io.pciplacement.operator.sync.AllocationOutcome.Judged;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.planning.allocation.Amount;
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
import java.util.function.Predicate;

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
    private final ConsumerRoots roots;
    private final RefusedWrite refusal;

    AllocationSync(
            PlacementClient placement, Mirror mirror, Stocks stocks, AllocationWriter writer, ConsumerRoots roots) {
        this.placement = placement;
        this.mirror = mirror;
        this.stocks = stocks;
        this.writer = writer;
        this.roots = roots;
        this.refusal = new RefusedWrite(mirror, writer);
    }

    /** @throws PlacementException where nobody gets through */
    AllocationOutcome hold(HoldRequest request) {
        Holding holding = request.holding();
        Optional<Map<String, HostStock>> known = hosts(holding, request.hostExists());
        if (known.isEmpty()) {
            return new AllocationOutcome.NotYet();
        }
        Map<String, HostStock> hosts = known.get();
        Verdict remembered = judge(request, hosts, each(holding.consumers(), uuid -> remembered(holding, uuid)));
        if (isSettled(request, remembered)) {
            return new Judged(remembered, Set.of(), false, Optional.empty());
        }
        for (int attempt = 1; ; attempt++) {
            Map<UUID, Allocation> present = each(holding.consumers(), placement::allocation);
            Verdict verdict = judge(request, hosts, present);
            if (!(verdict instanceof Verdict.Write write)) {
                // What was remembered is not so any more; the next sweep tells its host.
                Optional<AllocationRecord> record = verdict instanceof Verdict.Right right
                        ? new RecordedWrite(request.records(), holding, present, right.amounts()).record()
                        : Optional.empty();
                return new Judged(verdict, Set.of(), verdict.amiss().isPresent(), record);
            }
            Optional<Problem> waits = undeclaredMove(request, hosts, present)
                    .or(() -> elsewhere(holding, hosts, present, write.amounts()));
            if (waits.isPresent()) {
                return new Judged(new Verdict.Left(waits.get()), true);
            }
            RecordedWrite recorded = new RecordedWrite(request.records(), holding, present, write.amounts());
            int tried = attempt;
            try {
                boolean external = holding.consumer().external() && holding.move() == null;
                Set<String> touched = recorded.run(() -> external
                        ? writer.putBack(present, write.allocations(), tried)
                        : writer.put(present, write.allocations(), tried));
                return new Judged(write, touched, write.open().isPresent(), recorded.record());
            } catch (PlacementException e) {
                switch (Reaction.to(e)) {
                    case WAIT -> throw e;
                    case REPLAN -> {
                        if (attempt == TRIES) {
                            return new Judged(new Verdict.Left(refusal.of(e, holding, hosts, write.amounts())), true);
                        }
                    }
                    case REFUSED -> {
                        return new Judged(new Verdict.Left(refusal.of(e, holding, hosts, write.amounts())), true);
                    }
                }
            }
        }
    }

    /** The hosts of a holding's devices that exist; empty while one of them is not known. */
    private Optional<Map<String, HostStock>> hosts(Holding holding, Predicate<String> exists) {
        Map<String, HostStock> hosts = new HashMap<>();
        for (String node : Healing.hosts(holding)) {
            if (exists.test(node)) {
                Optional<HostStock> stock = stocks.of(node);
                if (stock.isEmpty()) {
                    return Optional.empty();
                }
                hosts.put(node, stock.get());
            }
        }
        return Optional.of(hosts);
    }

    /** Whether what is remembered says enough, so that the consumers need not be read. */
    private static boolean isSettled(HoldRequest request, Verdict remembered) {
        Holding holding = request.holding();
        return switch (remembered) {
            // Whose consumers these are is compared once; and what no record explains may be the object's own.
            case Verdict.Right right ->
                request.verified()
                        && (holding.consumer().external()
                                || request.records().record().covers(right.amounts()));
            // What others do in a move is not remembered at once.
            case Verdict.Left left -> holding.move() == null || left.problem().refuses();
            case Verdict.Write write -> false;
        };
    }

    /**
     * Takes away what an object has written for consumers, and nothing else that they have.
     *
     * @throws PlacementException where nobody gets through
     */
    AllocationOutcome release(ReleaseRequest request) {
        for (int attempt = 1; ; attempt++) {
            Map<UUID, Allocation> present = each(request.consumers(), placement::allocation);
            present.entrySet()
                    .removeIf(entry -> !request.holding()
                            .as(entry.getKey())
                            .mismatches(entry.getValue())
                            .isEmpty());
            Optional<AllocationRecord> record = written(request, present);
            if (record.isEmpty()) {
                return new AllocationOutcome.NotYet();
            }
            Map<UUID, Allocation> rest = new TreeMap<>();
            present.forEach((uuid, allocation) -> {
                Allocation released = record.get().released(uuid, allocation);
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

    /**
     * What an object that goes has written. Where that is not known, as after a kill or a restore without status, it is
     * what its consumer has, if that is just what the object is for and the consumer has nothing else.
     *
     * @return empty while a host is not known that tells
     */
    private Optional<AllocationRecord> written(ReleaseRequest request, Map<UUID, Allocation> present) {
        Map<UUID, Allocation> candidates = new TreeMap<>(present);
        candidates.entrySet().removeIf(entry -> {
            Allocation rest = request.record().released(entry.getKey(), entry.getValue());
            return rest.resources().isEmpty()
                    || !entry.getValue().resources().keySet().stream().allMatch(mirror::ofDevices);
        });
        if (candidates.isEmpty() || !request.adopts()) {
            return Optional.of(request.record());
        }
        Set<UUID> adopted = new TreeSet<>();
        if (request.requested() > 0) {
            candidates.forEach((uuid, allocation) -> {
                if (isClaim(allocation, request.requested())) {
                    adopted.add(uuid);
                }
            });
        }
        Optional<Map<String, HostStock>> hosts = hosts(request.holding(), request.hostExists());
        if (hosts.isEmpty()) {
            return Optional.empty();
        }
        adopted.addAll(explained(request, hosts.get(), candidates));
        return Optional.of(request.record().with(adopted, present));
    }

    /** Whether an allocation may be what a claim has got: so many devices of one host. */
    private boolean isClaim(Allocation allocation, int requested) {
        int amount = allocation.resources().values().stream()
                .flatMap(amounts -> amounts.values().stream())
                .mapToInt(Integer::intValue)
                .sum();
        return amount == requested && roots.of(List.of(allocation)).size() == 1;
    }

    /** Those of the consumers that have only what the object's devices say. */
    private Set<UUID> explained(
            ReleaseRequest request, Map<String, HostStock> hosts, Map<UUID, Allocation> candidates) {
        Holding holding = request.holding();
        if (holding.devices().isEmpty()) {
            return Set.of();
        }
        Map<UUID, Allocation> all = each(holding.consumers(), uuid -> remembered(holding, uuid));
        all.putAll(candidates);
        List<Amount> amounts = switch (Healing.judge(holding, hosts, request.rivals(), all, mirror::ofDevices)) {
            case Verdict.Right right -> right.amounts();
            case Verdict.Write write -> write.amounts();
            case Verdict.Left left -> List.of();
        };
        Set<UUID> explained = new TreeSet<>(candidates.keySet());
        explained.retainAll(amounts.stream().map(Amount::consumer).toList());
        amounts.stream()
                .filter(amount -> amount.found() > amount.wanted())
                .map(Amount::consumer)
                .forEach(explained::remove);
        return explained;
    }

    /** An External consumer's PCI part grows only on hosts where whoever manages it has allocated something. */
    private Optional<Problem> elsewhere(
            Holding holding, Map<String, HostStock> hosts, Map<UUID, Allocation> present, List<Amount> amounts) {
        if (!holding.consumer().external()) {
            return Optional.empty();
        }
        Map<UUID, String> growing = new TreeMap<>();
        for (HostStock host : hosts.values()) {
            if (host instanceof HostStock.Reported reported
                    && amounts.stream()
                            .filter(amount -> amount.wanted() > amount.found())
                            .anyMatch(amount -> reported.provider(amount.uuid()).isPresent())) {
                growing.put(reported.root(), reported.node());
            }
        }
        if (roots.coversAll(present.values(), growing.keySet())) {
            return Optional.empty();
        }
        Map<UUID, String> found = roots.of(present.values());
        return growing.entrySet().stream()
                .filter(root -> !found.containsKey(root.getKey()))
                .<Problem>map(root -> new Problem.ConsumerElsewhere(
                        holding.consumer().uuid(),
                        root.getValue(),
                        found.values().stream().distinct().sorted().toList()))
                .findFirst();
    }

    private static Map<UUID, Allocation> each(Set<UUID> consumers, Function<UUID, Allocation> what) {
        Map<UUID, Allocation> all = new TreeMap<>();
        consumers.forEach(uuid -> all.put(uuid, what.apply(uuid)));
        return all;
    }

    private Verdict judge(HoldRequest request, Map<String, HostStock> hosts, Map<UUID, Allocation> present) {
        return Healing.judge(request.holding(), hosts, request.rivals(), present, mirror::ofDevices);
    }

    /** What is remembered of a consumer's PCI part, as if it were all; nobody's generation, never to be written. */
    private Allocation remembered(Holding holding, UUID consumer) {
        Consumer as = holding.as(consumer);
        return new Allocation(mirror.heldBy(consumer), as.projectId(), as.userId(), 0, as.type());
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
