package io.pciplacement.planning.allocation;

import io.pciplacement.pci.PciAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The devices that a consumer has, as one PciAllocation says.
 *
 * @param name the PciAllocation's name
 * @param since when it was made, in a form that sorts by time
 * @param devices in a move those of the destination
 * @param move null while the consumer stays where it is
 */
public record DesiredAllocation(
        String name,
        String since,
        PlacementConsumer consumer,
        List<DeviceRef> devices,
        @Nullable Move move) {

    /** The older object wins; of two of one second the one whose name comes first. */
    public static final Comparator<DesiredAllocation> OLDEST_FIRST =
            Comparator.comparing(DesiredAllocation::since).thenComparing(DesiredAllocation::name);

    public DesiredAllocation {
        devices = devices.stream().distinct().sorted().toList();
    }

    /** A consumer that stays where it is. */
    public DesiredAllocation(String name, String since, PlacementConsumer consumer, List<DeviceRef> devices) {
        this(name, since, consumer, devices, null);
    }

    /** Which devices belong to whom: in a move both ends do, until one of them is decided on. */
    public Map<UUID, List<DeviceRef>> byConsumer() {
        Map<UUID, List<DeviceRef>> held = new TreeMap<>();
        held.put(consumer.uuid(), own());
        if (move != null && move.phase() == Move.Phase.MOVING) {
            held.put(move.migration(), move.source());
        }
        return held;
    }

    /** The same for the devices of one node. */
    public Map<UUID, Set<PciAddress>> byConsumerOn(String node) {
        Map<UUID, Set<PciAddress>> held = new TreeMap<>();
        byConsumer()
                .forEach((who, all) -> all.stream()
                        .filter(device -> device.node().equals(node))
                        .forEach(device -> held.computeIfAbsent(who, uuid -> new TreeSet<>())
                                .add(device.address())));
        return held;
    }

    /** The devices of the consumer itself. */
    public List<DeviceRef> own() {
        return move != null && move.phase() == Move.Phase.REVERT ? move.source() : devices;
    }

    /** Every device that nobody else may have. */
    public Set<DeviceRef> claimed() {
        return byConsumer().values().stream().flatMap(List::stream).collect(Collectors.toCollection(TreeSet::new));
    }

    /** Everybody in Placement whom this is about: the consumer, and in a move the migration. */
    public Set<UUID> consumers() {
        Set<UUID> all = new TreeSet<>(Set.of(consumer.uuid()));
        if (move != null) {
            all.add(move.migration());
        }
        return all;
    }

    /** One of these consumers as the object names it. */
    public PlacementConsumer as(UUID uuid) {
        return uuid.equals(consumer.uuid()) ? consumer : consumer.migration(uuid);
    }

    /** The hosts of its devices; in a move those of both ends, to its end. */
    public Set<String> nodes() {
        Set<String> nodes = new TreeSet<>();
        devices.forEach(device -> nodes.add(device.node()));
        if (move != null) {
            move.source().forEach(device -> nodes.add(device.node()));
        }
        return nodes;
    }

    public DesiredAllocation with(List<DeviceRef> others) {
        return new DesiredAllocation(name, since, consumer, others, move);
    }
}
