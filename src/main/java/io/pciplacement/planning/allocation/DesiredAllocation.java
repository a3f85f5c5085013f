package io.pciplacement.planning.allocation;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Allocation;
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
 * Devices that a consumer should have according to one PciAllocation.
 *
 * @param name name of the PciAllocation
 * @param createdAt creation time in a form that sorts by time
 * @param devices in a move those of the destination
 * @param move null if the consumer is not moved
 * @param discovered whether the operator has created the object for a server that libvirt has: missing units are added,
 *     but no units are removed
 */
public record DesiredAllocation(
        String name,
        String createdAt,
        PlacementConsumer consumer,
        List<DeviceRef> devices,
        @Nullable Move move,
        boolean discovered) {

    /** Order by age: the older object takes precedence; objects of the same second are ordered by name. */
    public static final Comparator<DesiredAllocation> OLDEST_FIRST =
            Comparator.comparing(DesiredAllocation::createdAt).thenComparing(DesiredAllocation::name);

    public DesiredAllocation {
        devices = devices.stream().distinct().sorted().toList();
    }

    /** Creates the desired allocation of an object of a user. */
    public DesiredAllocation(
            String name, String createdAt, PlacementConsumer consumer, List<DeviceRef> devices, @Nullable Move move) {
        this(name, createdAt, consumer, devices, move, false);
    }

    /** Creates the desired allocation of an object of a user without a move. */
    public DesiredAllocation(String name, String createdAt, PlacementConsumer consumer, List<DeviceRef> devices) {
        this(name, createdAt, consumer, devices, null);
    }

    /** Returns the devices by consumer: in a move the devices of both ends, until it is confirmed or reverted. */
    public Map<UUID, List<DeviceRef>> devicesByConsumer() {
        Map<UUID, List<DeviceRef>> held = new TreeMap<>();
        held.put(consumer.uuid(), currentDevices());
        if (move != null && move.phase() == Move.Phase.MOVING) {
            held.put(move.migration(), move.source());
        }
        return held;
    }

    /** Returns the devices of one node by consumer. */
    public Map<UUID, Set<PciAddress>> devicesByConsumerOn(String node) {
        Map<UUID, Set<PciAddress>> held = new TreeMap<>();
        devicesByConsumer()
                .forEach((who, all) -> all.stream()
                        .filter(device -> device.node().equals(node))
                        .forEach(device -> held.computeIfAbsent(who, uuid -> new TreeSet<>())
                                .add(device.address())));
        return held;
    }

    /** Returns the devices of the consumer itself. */
    public List<DeviceRef> currentDevices() {
        return move != null && move.phase() == Move.Phase.REVERT ? move.source() : devices;
    }

    /** Returns all devices that no other object may have. */
    public Set<DeviceRef> exclusiveDevices() {
        return devicesByConsumer().values().stream()
                .flatMap(List::stream)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Returns the uuids of the consumer and, in a move, of the migration. */
    public Set<UUID> consumerUuids() {
        Set<UUID> all = new TreeSet<>(Set.of(consumer.uuid()));
        if (move != null) {
            all.add(move.migration());
        }
        return all;
    }

    /** Returns one of these consumers as the object names it. */
    public PlacementConsumer consumerFor(UUID uuid) {
        return uuid.equals(consumer.uuid()) ? consumer : consumer.migrationConsumer(uuid);
    }

    /** Whether a consumer has the project, user and type in Placement that the object names. */
    public boolean isOwnConsumer(UUID uuid, Allocation allocation) {
        return consumerFor(uuid).mismatches(allocation).isEmpty();
    }

    /** Returns the hosts of its devices; in a move those of both ends until it is finished. */
    public Set<String> nodeNames() {
        Set<String> nodes = new TreeSet<>();
        devices.forEach(device -> nodes.add(device.node()));
        if (move != null) {
            move.source().forEach(device -> nodes.add(device.node()));
        }
        return nodes;
    }

    public DesiredAllocation withDevices(List<DeviceRef> others) {
        return new DesiredAllocation(name, createdAt, consumer, others, move, discovered);
    }
}
