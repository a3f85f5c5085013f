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
import java.util.stream.Collectors;

/**
 * What one PciAllocation has written to Placement: the only thing that is released with it.
 *
 * <p>An entry is as true before its write as after it: what a consumer has beyond what it had from others is the
 * object's, up to what the object has written. So it may be stored before the write and outlives a kill in between.
 */
public record AllocationRecord(List<Entry> entries) {

    public static final AllocationRecord NONE = new AllocationRecord(List.of());

    /**
     * One class of one provider.
     *
     * @param amount all that the consumer has of it once the object's part is written
     * @param written how much of the amount the object has written
     */
    public record Entry(
            UUID consumer, String provider, UUID uuid, ResourceClass resourceClass, int amount, int written) {

        /** How much of what a consumer has is the object's. */
        private int of(int found) {
            return Math.clamp((long) found - foreign(), 0, written);
        }

        private int foreign() {
            return amount - written;
        }

        private Entry or(Entry other) {
            int most = Math.max(written, other.written);
            return new Entry(
                    consumer, provider, uuid, resourceClass, Math.max(foreign(), other.foreign()) + most, most);
        }
    }

    private record Key(UUID uuid, ResourceClass resourceClass) {

        static Key of(Entry entry) {
            return new Key(entry.uuid(), entry.resourceClass());
        }

        static Key of(AllocationDelta amount) {
            return new Key(amount.uuid(), amount.resourceClass());
        }
    }

    public AllocationRecord {
        entries = List.copyOf(entries);
    }

    /** The consumers that the object has written something for. */
    public Set<UUID> consumers() {
        return entries.stream().map(Entry::consumer).collect(Collectors.toCollection(TreeSet::new));
    }

    /** How much of an amount the object has written. */
    public int written(UUID consumer, UUID provider, ResourceClass resourceClass) {
        return entries.stream()
                .filter(entry -> entry.consumer().equals(consumer))
                .filter(entry -> entry.uuid().equals(provider))
                .filter(entry -> entry.resourceClass().equals(resourceClass))
                .mapToInt(Entry::written)
                .sum();
    }

    /** Whether all of these amounts are the object's. */
    public boolean covers(List<AllocationDelta> amounts) {
        return amounts.stream()
                .allMatch(
                        amount -> written(amount.consumer(), amount.uuid(), amount.resourceClass()) >= amount.wanted());
    }

    /**
     * The record once Placement has what a judgement wants. What was there already stays what it was: the object's or
     * somebody else's. Between the consumers of a move it may have been handed on by whoever manages them.
     *
     * @param consumers everybody whom the judgement is about
     * @param adopted those of them all of whose amounts are the object's
     */
    public AllocationRecord after(List<AllocationDelta> amounts, Set<UUID> consumers, Set<UUID> adopted) {
        Map<Key, Integer> left = new HashMap<>();
        amounts.stream().map(Key::of).distinct().forEach(key -> left.put(key, own(key, amounts, consumers)));
        List<Entry> after = entries.stream()
                .filter(entry -> !consumers.contains(entry.consumer()))
                .collect(Collectors.toCollection(ArrayList::new));
        for (AllocationDelta amount : amounts) {
            Key key = Key.of(amount);
            int written = adopted.contains(amount.consumer())
                    ? amount.wanted()
                    : Math.min(amount.wanted(), left.getOrDefault(key, 0));
            left.merge(key, -written, Integer::sum);
            if (written > 0) {
                after.add(new Entry(
                        amount.consumer(),
                        amount.provider(),
                        amount.uuid(),
                        amount.resourceClass(),
                        amount.wanted(),
                        written));
            }
        }
        return new AllocationRecord(after);
    }

    /** The record where all that some consumers have is the object's. */
    public AllocationRecord with(Set<UUID> adopted, Map<UUID, Allocation> present) {
        List<Entry> all = entries.stream()
                .filter(entry -> !adopted.contains(entry.consumer()))
                .collect(Collectors.toCollection(ArrayList::new));
        for (UUID consumer : adopted) {
            Allocation allocation = present.get(consumer);
            if (allocation != null) {
                allocation
                        .resources()
                        .forEach((uuid, amounts) -> amounts.forEach((resourceClass, amount) ->
                                all.add(new Entry(consumer, uuid.toString(), uuid, resourceClass, amount, amount))));
            }
        }
        return new AllocationRecord(all);
    }

    /** What is true whether a write from this record to another is carried out or not. */
    public AllocationRecord or(AllocationRecord after) {
        List<Entry> all = new ArrayList<>(after.entries);
        for (Entry entry : entries) {
            Optional<Entry> same = after.entries.stream()
                    .filter(other -> other.consumer().equals(entry.consumer()))
                    .filter(other -> Key.of(other).equals(Key.of(entry)))
                    .findFirst();
            same.ifPresent(all::remove);
            all.add(same.map(entry::or).orElse(entry));
        }
        return new AllocationRecord(all);
    }

    /** How much of a provider is the object's once all consumers have what is wanted. */
    private int own(Key key, List<AllocationDelta> amounts, Set<UUID> consumers) {
        int found = 0;
        int wanted = 0;
        for (AllocationDelta amount : amounts) {
            if (Key.of(amount).equals(key)) {
                found += amount.found();
                wanted += amount.wanted();
            }
        }
        int foreign = 0;
        int written = 0;
        for (Entry entry : entries) {
            if (Key.of(entry).equals(key) && consumers.contains(entry.consumer())) {
                foreign += entry.foreign();
                written += entry.written();
            }
        }
        int before = Math.clamp((long) found - foreign, 0, written);
        return wanted > found ? before + wanted - found : Math.min(before, Math.max(0, wanted - foreign));
    }

    /** A consumer's allocation without what the object has written of it; everything else stays. */
    public Allocation released(UUID consumer, Allocation present) {
        Map<UUID, Map<ResourceClass, Integer>> resources = new HashMap<>(present.resources());
        for (Entry entry : entries) {
            Map<ResourceClass, Integer> amounts = resources.get(entry.uuid());
            if (amounts != null && entry.consumer().equals(consumer)) {
                int found = amounts.getOrDefault(entry.resourceClass(), 0);
                Map<ResourceClass, Integer> rest = new TreeMap<>(amounts);
                rest.put(entry.resourceClass(), found - entry.of(found));
                rest.values().removeIf(amount -> amount == 0);
                resources.put(entry.uuid(), rest);
            }
        }
        resources.values().removeIf(Map::isEmpty);
        return present.withResources(resources);
    }
}
