package io.pciplacement.sync.index;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.AllocatedDevices;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.DeviceRef;
import io.pciplacement.planning.claim.Claim;
import io.pciplacement.planning.claim.DeviceAssignment;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Who holds what, as all PciAllocations together say: by device, by host, by consumer. */
public class AllocationIndex {

    private static final int ELDERS = 64;
    private static final int GOING = 10_000;

    private final Map<String, DesiredAllocation> byName = new TreeMap<>();
    private final Map<DeviceRef, Set<String>> byDevice = new HashMap<>();
    private final Map<String, Set<String>> byNode = new HashMap<>();
    private final Map<UUID, Set<String>> byConsumer = new HashMap<>();
    private final Map<String, Granted> grants = new HashMap<>();
    private final Map<String, AllocationIndex.PendingClaim> waiting = new HashMap<>();
    private final AllocationStateCache judgements = new AllocationStateCache();
    private long frees;
    private long turns;
    private final Set<String> going = Collections.newSetFromMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > GOING;
        }
    });

    /**
     * Takes in what an object says now.
     *
     * @return whom that may concern
     */
    public synchronized AllocationIndex.Affected put(DesiredAllocation said) {
        Granted granted = grants.get(said.name());
        DesiredAllocation holding = granted == null
                ? said
                : said.withDevices(
                        granted.grants().stream().map(DeviceAssignment::device).toList());
        DesiredAllocation before = byName.put(holding.name(), holding);
        if (holding.equals(before)) {
            return AllocationIndex.Affected.NOBODY;
        }
        Set<String> others = new TreeSet<>();
        Set<String> nodes = new TreeSet<>(holding.nodeNames());
        if (before != null) {
            others.addAll(unlink(before));
            nodes.addAll(before.nodeNames());
        }
        holding.exclusiveDevices().forEach(device -> add(byDevice, device, holding.name()));
        holding.nodeNames().forEach(node -> add(byNode, node, holding.name()));
        holding.consumerUuids().forEach(consumer -> add(byConsumer, consumer, holding.name()));
        others.addAll(rivals(holding));
        boolean frees = before != null && !holding.exclusiveDevices().containsAll(before.exclusiveDevices());
        others.addAll(frees ? freed() : turn());
        return new AllocationIndex.Affected(others, nodes);
    }

    /**
     * Devices were granted to an object in one of its generations. From now on they are its own, whatever an older
     * reading of its status says. An object that is gone by now, or whose name another has, gets nothing: nobody would
     * ever take that back.
     *
     * @param uid the object's
     */
    public synchronized AllocationIndex.Affected grant(DesiredAllocation holding, String uid, Granted granted) {
        if (!knows(holding.name(), uid)) {
            return AllocationIndex.Affected.NOBODY;
        }
        grants.put(holding.name(), granted);
        return put(holding);
    }

    /** What was granted to an object, and to which generation of its requests. */
    public record Granted(long generation, List<DeviceAssignment> grants) {

        public Granted {
            grants = List.copyOf(grants);
        }
    }

    public synchronized void forgetGrants(String name) {
        grants.remove(name);
    }

    /** What was granted to an object since the operator started. */
    public synchronized Optional<Granted> grantedTo(String name) {
        return Optional.ofNullable(grants.get(name));
    }

    /** Which devices of a host somebody else than this object has. */
    public synchronized Set<PciAddress> takenOn(String node, String name) {
        Set<PciAddress> taken = new TreeSet<>();
        for (String other : byNode.getOrDefault(node, Set.of())) {
            DesiredAllocation holding = byName.get(other);
            if (holding != null && !other.equals(name)) {
                holding.exclusiveDevices().stream()
                        .filter(device -> device.node().equals(node))
                        .forEach(device -> taken.add(device.address()));
            }
        }
        return taken;
    }

    /**
     * A claim that finds no room.
     *
     * @param behind whether it only lacks what is kept for older ones
     */
    public record PendingClaim(Claim claim, boolean behind) {}

    /**
     * An object's claim finds no room and waits, or no longer does.
     *
     * @param now null where it does not wait
     * @return the claims whose turn it may be now
     */
    public synchronized Set<String> waits(String name, AllocationIndex.@Nullable PendingClaim now) {
        // Of an object that has gone meanwhile nothing waits: nobody would ever end that.
        AllocationIndex.PendingClaim waits = byName.containsKey(name) ? now : null;
        AllocationIndex.PendingClaim before = waits == null ? waiting.remove(name) : waiting.put(name, waits);
        Set<String> others = Objects.equals(before, waits) ? new TreeSet<>() : turn();
        others.remove(name);
        return others;
    }

    /** An older claim may no longer want, or be able to have, what is kept for it; returns the claims behind one. */
    public synchronized Set<String> turn() {
        turns++;
        Set<String> behind = new TreeSet<>();
        waiting.forEach((name, claim) -> {
            if (claim.behind()) {
                behind.add(name);
            }
        });
        return behind;
    }

    /** How often what is kept for an older claim may have changed. */
    public synchronized long turns() {
        return turns;
    }

    /** The claims that find no room. */
    public synchronized Set<String> waiting() {
        return Set.copyOf(waiting.keySet());
    }

    /** Some device may be free now that was not; returns the claims that wait for one. */
    public synchronized Set<String> freed() {
        frees++;
        return waiting();
    }

    /** How often some device may have become free. */
    public synchronized long frees() {
        return frees;
    }

    /** Waiting claims that are older, the oldest of them first and not too many. */
    public synchronized List<Claim> elders(Claim claim) {
        return waiting.values().stream()
                .map(AllocationIndex.PendingClaim::claim)
                .filter(other -> Claim.OLDEST_FIRST.compare(other, claim) < 0)
                .sorted(Claim.OLDEST_FIRST)
                .limit(ELDERS)
                .toList();
    }

    /** What an object has in Placement is being released: an older reading of it must not bring that back. */
    public synchronized void goes(String uid) {
        going.add(uid);
    }

    public synchronized boolean isGoing(String uid) {
        return going.contains(uid);
    }

    /** What an object has written since the operator started, empty where that is nothing. */
    public synchronized Optional<AllocationRecord> record(String uid) {
        return judgements.record(uid);
    }

    public synchronized void remember(String uid, AllocationRecord record) {
        judgements.remember(uid, record);
    }

    public synchronized void forgetRecord(String uid) {
        judgements.forgetRecord(uid);
    }

    /** Whether the object of this name that the book knows is this one. */
    public synchronized boolean knows(String name, String uid) {
        return judgements.isNamed(name, uid) && byName.containsKey(name);
    }

    /**
     * Takes in which object has a name, and what its status says of the last judgement, as long as there is none of
     * this process.
     *
     * @param refusal why it was not accepted
     * @param amounts whether it had something in Placement
     */
    public synchronized void seen(String name, String uid, Optional<String> refusal, boolean amounts) {
        if (!judgements.seen(name, uid, refusal, amounts)) {
            // Another object has the name now.
            forget(name);
        }
    }

    private void forget(String name) {
        grants.remove(name);
        waiting.remove(name);
    }

    /** The object is gone; returns whom that may concern. */
    public synchronized AllocationIndex.Affected remove(String name) {
        judgements.forget(name);
        forget(name);
        DesiredAllocation before = byName.remove(name);
        if (before == null) {
            return AllocationIndex.Affected.NOBODY;
        }
        Set<String> others = unlink(before);
        others.addAll(before.exclusiveDevices().isEmpty() ? turn() : freed());
        return new AllocationIndex.Affected(others, before.nodeNames());
    }

    /**
     * Whom a change may concern.
     *
     * @param allocations other objects of the same devices or consumer, before or now; where a device is free now, the
     *     claims that wait
     * @param nodes the hosts of its devices, before or now
     */
    public record Affected(Set<String> allocations, Set<String> nodes) {

        static final AllocationIndex.Affected NOBODY = new AllocationIndex.Affected(Set.of(), Set.of());
    }

    private Set<String> unlink(DesiredAllocation before) {
        Set<String> others = rivals(before);
        before.exclusiveDevices().forEach(device -> drop(byDevice, device, before.name()));
        before.nodeNames().forEach(node -> drop(byNode, node, before.name()));
        before.consumerUuids().forEach(consumer -> drop(byConsumer, consumer, before.name()));
        return others;
    }

    /** Other objects of the same devices or consumers. */
    public synchronized Set<String> rivals(DesiredAllocation holding) {
        Set<String> others = new TreeSet<>();
        holding.exclusiveDevices().forEach(device -> others.addAll(byDevice.getOrDefault(device, Set.of())));
        holding.consumerUuids().forEach(consumer -> others.addAll(byConsumer.getOrDefault(consumer, Set.of())));
        others.remove(holding.name());
        return others;
    }

    private static <K> void add(Map<K, Set<String>> index, K key, String name) {
        index.computeIfAbsent(key, k -> new HashSet<>()).add(name);
    }

    private static <K> void drop(Map<K, Set<String>> index, K key, String name) {
        index.computeIfPresent(key, (k, names) -> {
            names.remove(name);
            return names.isEmpty() ? null : names;
        });
    }

    public synchronized Optional<DesiredAllocation> of(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** Which devices of a host are held, and by which consumers, as the objects say that are followed. */
    public synchronized AllocatedDevices heldOn(String node) {
        Map<UUID, Set<PciAddress>> held = new HashMap<>();
        Set<PciAddress> unallocated = new TreeSet<>();
        for (String name : byNode.getOrDefault(node, Set.of())) {
            of(name).filter(judgements::holds)
                    .ifPresent(holding -> holding.devicesByConsumerOn(node).forEach((consumer, addresses) -> {
                        held.computeIfAbsent(consumer, uuid -> new TreeSet<>()).addAll(addresses);
                        unallocated.addAll(judgements.lacksAllocation(name) ? addresses : Set.of());
                    }));
        }
        return new AllocatedDevices(held, unallocated);
    }

    /** All objects. */
    public synchronized Set<String> names() {
        return Set.copyOf(byName.keySet());
    }

    /** The objects that are for some of these consumers. */
    public synchronized Set<String> namesOf(Set<UUID> consumers) {
        Set<String> names = new TreeSet<>();
        consumers.forEach(consumer -> names.addAll(byConsumer.getOrDefault(consumer, Set.of())));
        return names;
    }

    /** The objects with devices on a host. */
    public synchronized Set<String> on(String node) {
        return new TreeSet<>(byNode.getOrDefault(node, Set.of()));
    }

    /** Who has a device, the oldest first claimed; empty where nobody has. */
    public synchronized Optional<DesiredAllocation> holder(DeviceRef device) {
        return oldest(byDevice.getOrDefault(device, Set.of()));
    }

    /** Who, older than a holding, has one of the devices. */
    public Function<DeviceRef, Optional<DesiredAllocation>> olderThan(DesiredAllocation holding) {
        return device -> holder(device)
                .filter(other -> !other.name().equals(holding.name()))
                .filter(other -> DesiredAllocation.OLDEST_FIRST.compare(other, holding) < 0);
    }

    /**
     * Which of its consumers, be it on the move, belongs to an older object, and to which. An object that Placement
     * knows to be wrong about the consumer keeps nobody out, and hides nobody who does.
     */
    public synchronized Optional<AllocationProblem> sameConsumer(DesiredAllocation holding) {
        return holding.consumerUuids().stream()
                .flatMap(consumer -> olderOwner(consumer, holding)
                        .<AllocationProblem>map(
                                other -> new AllocationProblem.DuplicateConsumer(other.name(), consumer))
                        .stream())
                .findFirst();
    }

    private Optional<DesiredAllocation> olderOwner(UUID consumer, DesiredAllocation holding) {
        return byConsumer.getOrDefault(consumer, Set.of()).stream()
                .flatMap(name -> of(name).stream())
                .filter(other -> DesiredAllocation.OLDEST_FIRST.compare(other, holding) < 0)
                .filter(other -> judgements.owns(other, consumer))
                .min(DesiredAllocation.OLDEST_FIRST);
    }

    /** Whether a PciAllocation is for a consumer that may be its own. */
    public synchronized boolean explains(UUID consumer) {
        return byConsumer.getOrDefault(consumer, Set.of()).stream()
                .anyMatch(name -> of(name).filter(holding -> judgements.owns(holding, consumer))
                        .isPresent());
    }

    /** Whether an older object has, or had, something in Placement for a consumer that may be its own. */
    public synchronized boolean belongsToOlder(UUID consumer, DesiredAllocation holding) {
        return byConsumer.getOrDefault(consumer, Set.of()).stream()
                .filter(judgements::hasAmounts)
                .flatMap(name -> of(name).stream())
                .filter(other -> DesiredAllocation.OLDEST_FIRST.compare(other, holding) < 0)
                .anyMatch(older -> judgements.owns(older, consumer));
    }

    private Optional<DesiredAllocation> oldest(Set<String> names) {
        DesiredAllocation oldest = null;
        for (String name : names) {
            DesiredAllocation holding = byName.get(name);
            if (holding != null && (oldest == null || DesiredAllocation.OLDEST_FIRST.compare(holding, oldest) < 0)) {
                oldest = holding;
            }
        }
        return Optional.ofNullable(oldest);
    }

    /**
     * Remembers why an object is not as it should be, null where it is.
     *
     * @return whether that is news
     */
    public synchronized boolean problem(String name, @Nullable AllocationProblem problem) {
        return byName.containsKey(name) && judgements.problem(name, problem);
    }

    /** What is wrong with the objects of a host, by the object's name. */
    public synchronized Map<String, AllocationProblem> problemsOn(String node) {
        Map<String, AllocationProblem> found = new TreeMap<>();
        for (String name : byNode.getOrDefault(node, Set.of())) {
            judgements.problem(name).ifPresent(problem -> found.put(name, problem));
        }
        return found;
    }
}
