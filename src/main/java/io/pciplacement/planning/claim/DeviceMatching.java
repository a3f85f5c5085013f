package io.pciplacement.planning.claim;

import io.pciplacement.pci.PciDevice;
import io.pciplacement.planning.allocation.DeviceRef;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * Gives the devices of one host to the wishes of one claim: as many as can be given at all (augmenting paths), and of
 * the ways to do that one that breaks little. In order: a provider that the consumer has a part of already, one on a
 * preferred NUMA node, one with few traits that were not asked for, one that is started before one that is whole, the
 * fullest, the first by name.
 */
final class DeviceMatching {

    private final Claim claim;
    private final UUID consumer;
    private final List<FreeCapacity.FreeProvider> slots;
    private final int[] load;
    private final List<DeviceRequest> units = new ArrayList<>();
    private final int[] slotOf;

    private DeviceMatching(Claim claim, FreeCapacity room) {
        this.claim = claim;
        this.consumer = claim.consumer().uuid();
        this.slots = room.slots;
        this.load = new int[slots.size()];
        // Whoever can go to few places goes first, so that little has to be moved.
        claim.wishes().stream()
                .sorted(Comparator.comparingLong(
                        wish -> slots.stream().filter(slot -> suits(wish, slot)).count()))
                .forEach(wish -> {
                    for (int i = 0; i < wish.count(); i++) {
                        units.add(wish);
                    }
                });
        this.slotOf = new int[units.size()];
        Arrays.fill(slotOf, -1);
    }

    static DeviceMatching of(Claim claim, FreeCapacity room) {
        DeviceMatching matching = new DeviceMatching(claim, room);
        for (int unit = 0; unit < matching.units.size(); unit++) {
            matching.place(unit, new HashSet<>());
        }
        return matching;
    }

    /** VFs of one PF are alike in all that a wish can ask for, so the first stands for all of them. */
    private boolean suits(DeviceRequest wish, FreeCapacity.FreeProvider slot) {
        return wish.takes(slot.provider(), slot.devices().getFirst(), claim.numaNodes());
    }

    private int room(int slot) {
        int free = slots.get(slot).freeFor(consumer);
        return (claim.isolate() ? Math.min(1, free) : free) - load[slot];
    }

    private boolean place(int unit, Set<Integer> visited) {
        DeviceRequest wish = units.get(unit);
        List<Integer> suitable = new ArrayList<>();
        for (int slot = 0; slot < slots.size(); slot++) {
            if (slots.get(slot).freeFor(consumer) > 0 && suits(wish, slots.get(slot))) {
                suitable.add(slot);
            }
        }
        suitable.sort(preference(wish));
        for (int slot : suitable) {
            if (!visited.contains(slot) && room(slot) > 0) {
                put(unit, slot);
                return true;
            }
        }
        for (int slot : suitable) {
            if (visited.add(slot)) {
                for (int other = 0; other < slotOf.length; other++) {
                    if (other != unit && slotOf[other] == slot && moved(other, visited)) {
                        put(unit, slot);
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** Whether a unit that is placed finds another place. */
    private boolean moved(int unit, Set<Integer> visited) {
        int from = slotOf[unit];
        slotOf[unit] = -1;
        load[from]--;
        boolean elsewhere = place(unit, visited);
        if (!elsewhere) {
            put(unit, from);
        }
        return elsewhere;
    }

    private void put(int unit, int slot) {
        slotOf[unit] = slot;
        load[slot]++;
    }

    private Comparator<Integer> preference(DeviceRequest wish) {
        return Comparator.<Integer>comparingInt(slot -> slots.get(slot).own(consumer) > load[slot] ? 0 : 1)
                .thenComparingInt(slot -> preferred(wish, slots.get(slot)) ? 0 : 1)
                .thenComparingInt(
                        slot -> slots.get(slot).provider().view().traits().size()
                                - wish.traits().size())
                .thenComparingInt(slot -> load[slot] > 0 || slots.get(slot).usedByOthers(consumer) ? 0 : 1)
                .thenComparingInt(this::room)
                .thenComparingInt(slot -> slot);
    }

    private boolean preferred(DeviceRequest wish, FreeCapacity.FreeProvider slot) {
        return wish.affinity() != DeviceRequest.Affinity.PREFERRED
                || claim.numaNodes().contains(slot.devices().getFirst().numaNode());
    }

    int placed() {
        return (int) Arrays.stream(slotOf).filter(slot -> slot >= 0).count();
    }

    boolean complete() {
        return placed() == units.size();
    }

    int placed(DeviceRequest wish) {
        int count = 0;
        for (int unit = 0; unit < slotOf.length; unit++) {
            count += slotOf[unit] >= 0 && units.get(unit).equals(wish) ? 1 : 0;
        }
        return count;
    }

    /** How many providers nobody had a part of before. */
    int opened() {
        int count = 0;
        for (int slot = 0; slot < load.length; slot++) {
            count += load[slot] > 0 && !slots.get(slot).usedByOthers(consumer) ? 1 : 0;
        }
        return count;
    }

    /** How many of the consumer's units stay where they are. */
    int kept() {
        int count = 0;
        for (int slot = 0; slot < load.length; slot++) {
            count += Math.min(load[slot], slots.get(slot).own(consumer));
        }
        return count;
    }

    /** How much is left on the providers that this takes from. */
    int left() {
        int sum = 0;
        for (int slot = 0; slot < load.length; slot++) {
            sum += load[slot] > 0 ? slots.get(slot).freeFor(consumer) - load[slot] : 0;
        }
        return sum;
    }

    /** The devices, those with the first addresses of each provider. */
    List<DeviceAssignment> grants(String node) {
        int[] next = new int[slots.size()];
        List<DeviceAssignment> grants = new ArrayList<>();
        for (int unit = 0; unit < slotOf.length; unit++) {
            int slot = slotOf[unit];
            PciDevice device = slots.get(slot).devices().get(next[slot]++);
            grants.add(new DeviceAssignment(units.get(unit).name(), new DeviceRef(node, device.address())));
        }
        grants.sort(Comparator.comparing(DeviceAssignment::device));
        return grants;
    }
}
