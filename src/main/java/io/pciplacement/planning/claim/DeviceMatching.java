package io.pciplacement.planning.claim;

import io.pciplacement.pci.PciDevice;
import io.pciplacement.planning.allocation.DeviceRef;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;

/**
 * Bipartite matching of the requests of one claim to the devices of one host. It assigns the maximum number of units
 * (augmenting paths) and prefers providers in this order: one of which the consumer already has units, one on a
 * preferred NUMA node, one with few traits that were not requested, one that is partly used, the one with the least
 * remaining units, the first by name.
 */
final class DeviceMatching {

    private final Claim claim;
    private final Map<String, BitSet> eligibleProviders;
    private final UUID consumer;
    private final List<FreeCapacity.FreeProvider> providers;
    private final int[] assignedCount;
    private final List<DeviceRequest> units = new ArrayList<>();
    private final int[] providerOfUnit;

    private DeviceMatching(Claim claim, FreeCapacity capacity, Map<String, BitSet> eligibleProviders) {
        this.claim = claim;
        this.eligibleProviders = eligibleProviders;
        this.consumer = claim.consumer().uuid();
        this.providers = capacity.providers;
        this.assignedCount = new int[providers.size()];
        // Requests with few suitable providers are assigned first, so that few units must be reassigned.
        claim.requests().stream()
                .sorted(Comparator.comparingLong(request -> IntStream.range(0, providers.size())
                        .filter(index -> isSuitable(request, index))
                        .count()))
                .forEach(request -> {
                    for (int i = 0; i < request.count(); i++) {
                        units.add(request);
                    }
                });
        this.providerOfUnit = new int[units.size()];
        Arrays.fill(providerOfUnit, -1);
    }

    /** Computes a matching for the requests of a claim, without its constraints. */
    static DeviceMatching compute(Claim claim, FreeCapacity capacity) {
        return compute(claim, capacity, Map.of());
    }

    /** @param eligibleProviders indexes of the providers that a request may use, by name; absent: all */
    static DeviceMatching compute(Claim claim, FreeCapacity capacity, Map<String, BitSet> eligibleProviders) {
        DeviceMatching matching = new DeviceMatching(claim, capacity, eligibleProviders);
        for (int unit = 0; unit < matching.units.size(); unit++) {
            matching.assignUnit(unit, new HashSet<>());
        }
        return matching;
    }

    /**
     * Whether a request accepts the devices of a provider. VFs of one PF do not differ in requested attributes, so the
     * first one is checked.
     */
    private boolean isSuitable(DeviceRequest request, int index) {
        BitSet eligible = eligibleProviders.get(request.name());
        FreeCapacity.FreeProvider provider = providers.get(index);
        return (eligible == null || eligible.get(index))
                && request.accepts(provider.capacity(), provider.devices().getFirst(), claim.numaNodes());
    }

    private int remainingUnits(int index) {
        int free = providers.get(index).freeUnitsFor(consumer);
        return (claim.isolate() ? Math.min(1, free) : free) - assignedCount[index];
    }

    private boolean assignUnit(int unit, Set<Integer> visited) {
        DeviceRequest request = units.get(unit);
        List<Integer> suitable = new ArrayList<>();
        for (int index = 0; index < providers.size(); index++) {
            if (providers.get(index).freeUnitsFor(consumer) > 0 && isSuitable(request, index)) {
                suitable.add(index);
            }
        }
        suitable.sort(preferenceFor(request));
        for (int index : suitable) {
            if (!visited.contains(index) && remainingUnits(index) > 0) {
                recordAssignment(unit, index);
                return true;
            }
        }
        for (int index : suitable) {
            if (visited.add(index)) {
                for (int other = 0; other < providerOfUnit.length; other++) {
                    if (other != unit && providerOfUnit[other] == index && reassignUnit(other, visited)) {
                        recordAssignment(unit, index);
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** Whether an assigned unit can be reassigned to another provider. */
    private boolean reassignUnit(int unit, Set<Integer> visited) {
        int from = providerOfUnit[unit];
        providerOfUnit[unit] = -1;
        assignedCount[from]--;
        boolean reassigned = assignUnit(unit, visited);
        if (!reassigned) {
            recordAssignment(unit, from);
        }
        return reassigned;
    }

    private void recordAssignment(int unit, int index) {
        providerOfUnit[unit] = index;
        assignedCount[index]++;
    }

    private Comparator<Integer> preferenceFor(DeviceRequest request) {
        return Comparator.<Integer>comparingInt(
                        index -> providers.get(index).ownUnits(consumer) > assignedCount[index] ? 0 : 1)
                .thenComparingInt(index -> isPreferred(request, providers.get(index)) ? 0 : 1)
                .thenComparingInt(index ->
                        providers.get(index).capacity().observed().traits().size()
                                - request.traits().size())
                .thenComparingInt(index ->
                        assignedCount[index] > 0 || providers.get(index).isUsedByOthers(consumer) ? 0 : 1)
                .thenComparingInt(this::remainingUnits)
                .thenComparingInt(index -> index);
    }

    private boolean isPreferred(DeviceRequest request, FreeCapacity.FreeProvider provider) {
        return request.affinity() != DeviceRequest.Affinity.PREFERRED
                || claim.numaNodes().contains(provider.devices().getFirst().numaNode());
    }

    int assignedUnits() {
        return (int) Arrays.stream(providerOfUnit).filter(index -> index >= 0).count();
    }

    boolean isComplete() {
        return assignedUnits() == units.size();
    }

    int assignedUnits(DeviceRequest request) {
        int count = 0;
        for (int unit = 0; unit < providerOfUnit.length; unit++) {
            count += providerOfUnit[unit] >= 0 && units.get(unit).equals(request) ? 1 : 0;
        }
        return count;
    }

    /** Returns the number of assigned providers that no other consumer uses. */
    int newlyUsedProviders() {
        int count = 0;
        for (int index = 0; index < assignedCount.length; index++) {
            count += assignedCount[index] > 0 && !providers.get(index).isUsedByOthers(consumer) ? 1 : 0;
        }
        return count;
    }

    /** Returns the number of the consumer's units that stay on their provider. */
    int unitsKept() {
        int count = 0;
        for (int index = 0; index < assignedCount.length; index++) {
            count += Math.min(assignedCount[index], providers.get(index).ownUnits(consumer));
        }
        return count;
    }

    /** Returns the remaining units of the assigned providers. */
    int unitsLeftOver() {
        int sum = 0;
        for (int index = 0; index < assignedCount.length; index++) {
            sum += assignedCount[index] > 0 ? providers.get(index).freeUnitsFor(consumer) - assignedCount[index] : 0;
        }
        return sum;
    }

    /** Returns the assigned devices, those with the first addresses of each provider. */
    List<DeviceAssignment> deviceAssignments(String node) {
        int[] next = new int[providers.size()];
        List<DeviceAssignment> assignments = new ArrayList<>();
        for (int unit = 0; unit < providerOfUnit.length; unit++) {
            int index = providerOfUnit[unit];
            PciDevice device = providers.get(index).devices().get(next[index]++);
            assignments.add(new DeviceAssignment(units.get(unit).name(), new DeviceRef(node, device.address())));
        }
        assignments.sort(Comparator.comparing(DeviceAssignment::device));
        return assignments;
    }
}
