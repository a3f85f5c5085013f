package io.pciplacement.planning.allocation;

import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.ResourceClass;
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
import java.util.stream.Collectors;

/**
 * Units that one PciAllocation has written to Placement: only these are released with it.
 *
 * <p>An entry is valid before and after its write: units of a consumer beyond those it had from other clients belong to
 * the object, up to the units that the object has written. So it can be stored before the write and survives a crash in
 * between.
 */
public record AllocationRecord(List<Entry> entries) {

    public static final AllocationRecord NONE = new AllocationRecord(List.of());

    /**
     * Entry for one resource class of one provider.
     *
     * @param amount all units of the consumer once the object's part is written
     * @param written units of the amount that the object has written
     */
    public record Entry(
            UUID consumer, String provider, UUID providerUuid, ResourceClass resourceClass, int amount, int written) {

        /** Returns the units of the actual ones that belong to the object. */
        private int ownedUnits(int found) {
            return Math.clamp((long) found - foreignUnits(), 0, written);
        }

        private int foreignUnits() {
            return amount - written;
        }

        private Entry combinedWith(Entry other) {
            int most = Math.max(written, other.written);
            return new Entry(
                    consumer,
                    provider,
                    providerUuid,
                    resourceClass,
                    Math.max(foreignUnits(), other.foreignUnits()) + most,
                    most);
        }
    }

    private record Key(UUID providerUuid, ResourceClass resourceClass) {

        static Key of(Entry entry) {
            return new Key(entry.providerUuid(), entry.resourceClass());
        }

        static Key of(AllocationDelta delta) {
            return new Key(delta.providerUuid(), delta.resourceClass());
        }
    }

    public AllocationRecord {
        entries = List.copyOf(entries);
    }

    /** Returns the consumers for which the object has written units. */
    public Set<UUID> consumerUuids() {
        return entries.stream().map(Entry::consumer).collect(Collectors.toCollection(TreeSet::new));
    }

    /** Returns the units that the object has written. */
    public int writtenUnits(UUID consumer, UUID provider, ResourceClass resourceClass) {
        return entries.stream()
                .filter(entry -> entry.consumer().equals(consumer))
                .filter(entry -> entry.providerUuid().equals(provider))
                .filter(entry -> entry.resourceClass().equals(resourceClass))
                .mapToInt(Entry::written)
                .sum();
    }

    /** Whether all of these units belong to the object. */
    public boolean coversAll(List<AllocationDelta> deltas) {
        return deltas.stream()
                .allMatch(delta ->
                        writtenUnits(delta.consumer(), delta.providerUuid(), delta.resourceClass()) >= delta.desired());
    }

    /**
     * Returns the record for the time when Placement has the desired units. Existing units keep their owner: the object
     * or another client. In a move, the manager of the consumers may have transferred units between them.
     *
     * @param consumers all consumers of the evaluation
     * @param adopted consumers of which all units belong to the object
     */
    public AllocationRecord recordAfter(List<AllocationDelta> deltas, Set<UUID> consumers, Set<UUID> adopted) {
        Map<Key, Integer> left = new HashMap<>();
        deltas.stream().map(Key::of).distinct().forEach(key -> left.put(key, ownedAfter(key, deltas, consumers)));
        List<Entry> after = entries.stream()
                .filter(entry -> !consumers.contains(entry.consumer()))
                .collect(Collectors.toCollection(ArrayList::new));
        for (AllocationDelta delta : deltas) {
            Key key = Key.of(delta);
            int written = adopted.contains(delta.consumer())
                    ? delta.desired()
                    : Math.min(delta.desired(), left.getOrDefault(key, 0));
            left.merge(key, -written, Integer::sum);
            if (written > 0) {
                after.add(new Entry(
                        delta.consumer(),
                        delta.provider(),
                        delta.providerUuid(),
                        delta.resourceClass(),
                        delta.desired(),
                        written));
            }
        }
        return new AllocationRecord(after);
    }

    /**
     * Returns the record with all units of some consumers as the object's.
     *
     * @param nameOf returns the name of a provider
     */
    public AllocationRecord withAdopted(
            Set<UUID> adopted, Map<UUID, Allocation> allocations, Function<UUID, String> nameOf) {
        List<Entry> all = entries.stream()
                .filter(entry -> !adopted.contains(entry.consumer()))
                .collect(Collectors.toCollection(ArrayList::new));
        for (UUID consumer : adopted) {
            Allocation allocation = allocations.get(consumer);
            if (allocation != null) {
                allocation
                        .resources()
                        .forEach((uuid, amounts) -> amounts.forEach((resourceClass, amount) ->
                                all.add(new Entry(consumer, nameOf.apply(uuid), uuid, resourceClass, amount, amount))));
            }
        }
        return new AllocationRecord(all);
    }

    /** Returns a record that is valid whether a write from this record to another one is executed or not. */
    public AllocationRecord combinedWith(AllocationRecord after) {
        List<Entry> all = new ArrayList<>(after.entries);
        for (Entry entry : entries) {
            Optional<Entry> same = after.entries.stream()
                    .filter(other -> other.consumer().equals(entry.consumer()))
                    .filter(other -> Key.of(other).equals(Key.of(entry)))
                    .findFirst();
            same.ifPresent(all::remove);
            all.add(same.map(entry::combinedWith).orElse(entry));
        }
        return new AllocationRecord(all);
    }

    /** Returns the units of a provider that belong to the object once all consumers have the desired units. */
    private int ownedAfter(Key key, List<AllocationDelta> deltas, Set<UUID> consumers) {
        int found = 0;
        int wanted = 0;
        for (AllocationDelta delta : deltas) {
            if (Key.of(delta).equals(key)) {
                found += delta.actual();
                wanted += delta.desired();
            }
        }
        int foreign = 0;
        int written = 0;
        for (Entry entry : entries) {
            if (Key.of(entry).equals(key) && consumers.contains(entry.consumer())) {
                foreign += entry.foreignUnits();
                written += entry.written();
            }
        }
        int before = Math.clamp((long) found - foreign, 0, written);
        return wanted > found ? before + wanted - found : Math.min(before, Math.max(0, wanted - foreign));
    }

    /** Returns a consumer's allocation without the units that the object has written; everything else stays. */
    public Allocation releasedAllocation(UUID consumer, Allocation allocation) {
        Map<UUID, Map<ResourceClass, Integer>> resources = new HashMap<>(allocation.resources());
        for (Entry entry : entries) {
            Map<ResourceClass, Integer> amounts = resources.get(entry.providerUuid());
            if (amounts != null && entry.consumer().equals(consumer)) {
                int found = amounts.getOrDefault(entry.resourceClass(), 0);
                Map<ResourceClass, Integer> rest = new TreeMap<>(amounts);
                rest.put(entry.resourceClass(), found - entry.ownedUnits(found));
                rest.values().removeIf(amount -> amount == 0);
                resources.put(entry.providerUuid(), rest);
            }
        }
        resources.values().removeIf(Map::isEmpty);
        return allocation.withResources(resources);
    }
}
