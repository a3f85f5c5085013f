package io.pciplacement.planning.attachment;

import io.pciplacement.pci.AttachedServer;
import io.pciplacement.pci.HostAttachments;
import io.pciplacement.pci.HostAttachments.Knowledge;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.ProviderName;
import io.pciplacement.placement.ResourceClass;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * Audit of the attachments of a cloud. Unknown is not absent: a missing attachment counts only if the agent knows the
 * devices of all servers of the host, and an attachment only if libvirt was reachable.
 */
public final class AttachmentAudit {

    private final Predicate<UUID> isMoving;
    private final Predicate<UUID> isMigration;

    /**
     * A host and what Placement has allocated there.
     *
     * @param rootProvider name of the root provider, with which the names of its providers begin
     * @param tracked addresses of the providers that the specs require
     * @param units units by address of the provider and consumer; of the providers that are known in Placement
     */
    public record Host(
            String rootProvider,
            HostDevices devices,
            HostAttachments attachments,
            Set<PciAddress> tracked,
            Map<PciAddress, Map<UUID, Integer>> units) {

        /** Returns the units of a provider by consumer, summed over its resource classes. */
        public static Map<UUID, Integer> unitsByConsumer(Map<UUID, Map<ResourceClass, Integer>> allocations) {
            Map<UUID, Integer> units = new HashMap<>();
            allocations.forEach((consumer, amounts) -> units.put(
                    consumer,
                    amounts.values().stream().mapToInt(Integer::intValue).sum()));
            return units;
        }
    }

    /**
     * Creates an audit.
     *
     * @param isMoving whether several hosts list a server: it is being moved, so its devices are not compared
     * @param isMigration whether a consumer is a migration of Nova, which has what the server had on the source of a
     *     move
     */
    public AttachmentAudit(Predicate<UUID> isMoving, Predicate<UUID> isMigration) {
        this.isMoving = isMoving;
        this.isMigration = isMigration;
    }

    /** Returns the servers that several hosts of a cloud list. */
    public static Set<UUID> movingServers(Collection<HostAttachments> attachments) {
        Set<UUID> moving = new HashSet<>();
        Set<UUID> seen = new HashSet<>();
        for (HostAttachments host : attachments) {
            for (AttachedServer server : host.servers()) {
                if (!seen.add(server.uuid())) {
                    moving.add(server.uuid());
                }
            }
        }
        return moving;
    }

    /** Returns the differences of one host. */
    public List<AttachmentDifference> compare(Host host) {
        List<AttachmentDifference> differences = new ArrayList<>();
        Knowledge knowledge = host.attachments().knowledge();
        if (knowledge == Knowledge.NONE || knowledge == Knowledge.OUTDATED) {
            return differences;
        }
        findDevicesOfSeveralServers(host, differences);
        for (AttachedServer server : host.attachments().servers()) {
            if (!isMoving.test(server.uuid())) {
                findMissingUnits(host, server, differences);
            }
        }
        if (knowledge == Knowledge.COMPLETE) {
            findMissingDevices(host, differences);
        }
        return differences;
    }

    /** The devices of a server by the address of their provider. */
    private static SortedMap<PciAddress, SortedSet<PciAddress>> devicesByProvider(Host host, AttachedServer server) {
        SortedMap<PciAddress, SortedSet<PciAddress>> devices = new TreeMap<>();
        for (PciAddress device : server.devices().keySet()) {
            devices.computeIfAbsent(host.devices().providerAddressOf(device), any -> new TreeSet<>())
                    .add(device);
        }
        return devices;
    }

    private static void findDevicesOfSeveralServers(Host host, List<AttachmentDifference> differences) {
        SortedMap<PciAddress, List<AttachedServer>> servers = new TreeMap<>();
        for (AttachedServer server : host.attachments().servers()) {
            server.devices()
                    .keySet()
                    .forEach(device -> servers.computeIfAbsent(device, any -> new ArrayList<>())
                            .add(server));
        }
        servers.forEach((device, all) -> {
            if (all.size() > 1) {
                differences.add(new AttachmentDifference.AttachedTwice(device, List.copyOf(all)));
            }
        });
    }

    private static void findMissingUnits(Host host, AttachedServer server, List<AttachmentDifference> differences) {
        devicesByProvider(host, server).forEach((provider, devices) -> {
            Map<UUID, Integer> units = host.units().get(provider);
            if (units != null) {
                int missing = devices.size() - units.getOrDefault(server.uuid(), 0);
                if (missing > 0) {
                    differences.add(new AttachmentDifference.AttachedNotAllocated(
                            server, nameOf(host, provider), devices, missing));
                }
            } else if (!host.tracked().contains(provider)) {
                devices.forEach(device -> differences.add(new AttachmentDifference.AttachedNotTracked(server, device)));
            }
        });
    }

    private void findMissingDevices(Host host, List<AttachmentDifference> differences) {
        Map<UUID, Map<PciAddress, SortedSet<PciAddress>>> attached = new HashMap<>();
        host.attachments().servers().forEach(server -> attached.put(server.uuid(), devicesByProvider(host, server)));
        new TreeMap<>(host.units())
                .forEach((provider, units) -> new TreeMap<>(units).forEach((consumer, amount) -> {
                    int devices = attached.getOrDefault(consumer, Map.of())
                            .getOrDefault(provider, new TreeSet<>())
                            .size();
                    if (amount > devices && !isMoving.test(consumer) && !isMigration.test(consumer)) {
                        differences.add(new AttachmentDifference.AllocatedNotAttached(
                                consumer, nameOf(host, provider), amount - devices));
                    }
                }));
    }

    private static String nameOf(Host host, PciAddress provider) {
        return new ProviderName(host.rootProvider(), provider).toString();
    }
}
