package io.pciplacement.planning.claim;

import io.pciplacement.planning.claim.DeviceConstraint.Attribute;
import io.pciplacement.planning.claim.DeviceConstraint.AttributeValue;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Providers of one host in groups that are equivalent for a claim: they are accepted by the same requests and have the
 * same values of the attributes that the claim's constraints compare. Bit sets of groups are arrays of words.
 */
final class CapacityGroups {

    private static final int UNKNOWN = -1;

    /**
     * Group of equivalent providers.
     *
     * @param accepting requests that accept them, as a bit set
     * @param values numbers of their values, by position of the attribute; -1 if unknown
     */
    record GroupKey(int accepting, List<Integer> values) {}

    final List<GroupKey> keys = new ArrayList<>();
    final int[] capacities;
    /** Units of the groups that the consumer already has. */
    final int[] ownUnits;
    /** Units of the groups on preferred NUMA nodes. */
    final int[] preferredUnits;
    /** Units of the groups in providers that other consumers use. */
    final int[] sharedUnits;

    final List<Attribute> attributes;
    private final Map<Attribute, List<AttributeValue>> values = new EnumMap<>(Attribute.class);
    private final List<BitSet> providersOfGroup = new ArrayList<>();
    private final int words;

    CapacityGroups(Claim claim, FreeCapacity capacity, Set<Attribute> attributes) {
        this.attributes = List.copyOf(attributes);
        UUID consumer = claim.consumer().uuid();
        Map<GroupKey, Integer> indexes = new LinkedHashMap<>();
        Map<Attribute, Map<AttributeValue, Integer>> numbers = new EnumMap<>(Attribute.class);
        for (int provider = 0; provider < capacity.providers.size(); provider++) {
            FreeCapacity.FreeProvider free = capacity.providers.get(provider);
            int accepting = findAccepting(claim, free);
            if (accepting != 0 && free.freeUnitsFor(consumer) > 0) {
                GroupKey key = new GroupKey(accepting, numberValues(free, numbers));
                int group = indexes.computeIfAbsent(key, any -> indexes.size());
                if (group == providersOfGroup.size()) {
                    keys.add(key);
                    providersOfGroup.add(new BitSet());
                }
                providersOfGroup.get(group).set(provider);
            }
        }
        numbers.forEach((attribute, known) -> values.put(attribute, List.copyOf(known.keySet())));
        capacities = new int[keys.size()];
        ownUnits = new int[keys.size()];
        preferredUnits = new int[keys.size()];
        sharedUnits = new int[keys.size()];
        words = (keys.size() + Long.SIZE - 1) / Long.SIZE;
        for (int group = 0; group < keys.size(); group++) {
            int index = group;
            providersOfGroup.get(group).stream().forEach(provider -> {
                FreeCapacity.FreeProvider free = capacity.providers.get(provider);
                int units = claim.isolate() ? 1 : free.freeUnitsFor(consumer);
                capacities[index] += units;
                ownUnits[index] += Math.min(units, free.ownUnits(consumer));
                preferredUnits[index] +=
                        claim.numaNodes().contains(free.devices().getFirst().numaNode()) ? units : 0;
                sharedUnits[index] += free.isUsedByOthers(consumer) ? units : 0;
            });
        }
    }

    private static int findAccepting(Claim claim, FreeCapacity.FreeProvider free) {
        int accepting = 0;
        for (int request = 0; request < claim.requests().size(); request++) {
            if (claim.requests()
                    .get(request)
                    .accepts(free.capacity(), free.devices().getFirst(), claim.numaNodes())) {
                accepting |= 1 << request;
            }
        }
        return accepting;
    }

    private List<Integer> numberValues(
            FreeCapacity.FreeProvider free, Map<Attribute, Map<AttributeValue, Integer>> numbers) {
        List<Integer> numbered = new ArrayList<>(attributes.size());
        for (Attribute attribute : attributes) {
            Map<AttributeValue, Integer> known = numbers.computeIfAbsent(attribute, any -> new LinkedHashMap<>());
            numbered.add(attribute
                    .findValue(free.devices().getFirst())
                    .map(name -> known.computeIfAbsent(name, any -> known.size()))
                    .orElse(UNKNOWN));
        }
        return numbered;
    }

    int size() {
        return keys.size();
    }

    /** Returns the values of an attribute, in the order of the providers. */
    List<AttributeValue> values(Attribute attribute) {
        return values.getOrDefault(attribute, List.of());
    }

    long[] newGroupSet() {
        return new long[words];
    }

    /** Returns the groups that a request accepts. */
    long[] groupsAcceptedBy(int request) {
        long[] groups = newGroupSet();
        for (int group = 0; group < keys.size(); group++) {
            if ((keys.get(group).accepting() >>> request & 1) != 0) {
                groups[group / Long.SIZE] |= 1L << group;
            }
        }
        return groups;
    }

    /** Returns the groups of each value of an attribute. */
    long[][] groupsByValue(Attribute attribute) {
        int position = attributes.indexOf(attribute);
        long[][] groups = new long[values(attribute).size()][words];
        for (int group = 0; group < keys.size(); group++) {
            int value = keys.get(group).values().get(position);
            if (value != UNKNOWN) {
                groups[value][group / Long.SIZE] |= 1L << group;
            }
        }
        return groups;
    }

    /** Returns the indexes of the providers in these groups. */
    BitSet findProviders(long[] groups) {
        BitSet providers = new BitSet();
        BitSet.valueOf(groups).stream().forEach(group -> providers.or(providersOfGroup.get(group)));
        return providers;
    }
}
