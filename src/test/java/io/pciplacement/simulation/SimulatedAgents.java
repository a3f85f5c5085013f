package io.pciplacement.simulation;

import io.pciplacement.api.v1alpha1.AgentStatus;
import io.pciplacement.api.v1alpha1.AttachmentStatus;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.allocation.DeviceRef;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/** Simulated agents that publish the servers of their hosts: late, wrong, or not at all. */
final class SimulatedAgents {

    private final SimulatedCloud cloud;
    private final Random random;

    /** The devices of each server that a list of this host has ever had. */
    final Map<UUID, Set<DeviceRef>> everPublished = new HashMap<>();

    /** The devices of each server that its host's list has had since the last check. */
    private final Map<UUID, Set<DeviceRef>> publishedSinceCheck = new HashMap<>();

    SimulatedAgents(SimulatedCloud cloud, Random random) {
        this.cloud = cloud;
        this.random = random;
    }

    /** Publishes the domains of a host that have devices. */
    void publishTruth(String host, Map<UUID, Set<PciAddress>> domains) {
        Map<UUID, Set<PciAddress>> withDevices = new TreeMap<>(domains);
        withDevices.values().removeIf(Set::isEmpty);
        publish(host, withDevices, true, false);
    }

    /** libvirt is not reachable, or some of its domains cannot be read; the list stays. */
    void publishDoubt(String host) {
        HostPciInventoryStatus status = cloud.api.hosts().get(host).getStatus();
        boolean reachable = random.nextBoolean();
        publish(host, status.attachments() == null ? List.of() : status.attachments(), reachable, reachable);
    }

    /** A faulty or hostile agent names servers that its host does not have. */
    void publishLie(String host, Collection<UUID> servers) {
        Map<UUID, Set<PciAddress>> domains = new TreeMap<>();
        List<UUID> all = new ArrayList<>(servers);
        List<PciAddress> devices = new ArrayList<>(cloud.devices.get(host).devices().stream()
                .map(device -> device.address())
                .toList());
        for (int i = random.nextInt(3); i >= 0 && !all.isEmpty(); i--) {
            domains.computeIfAbsent(all.get(random.nextInt(all.size())), any -> new TreeSet<>())
                    .add(devices.get(random.nextInt(devices.size())));
        }
        publish(host, domains, true, random.nextBoolean());
    }

    private void publish(String host, Map<UUID, Set<PciAddress>> domains, boolean reachable, boolean incomplete) {
        List<AttachmentStatus> rows = new ArrayList<>();
        domains.forEach((server, devices) -> rows.add(new AttachmentStatus(
                server.toString(),
                "name-" + server,
                SimulatedNova.PROJECT,
                SimulatedNova.USER,
                true,
                devices.stream()
                        .map(device -> new AttachmentStatus.AttachedDevice(device.toString(), "Device"))
                        .toList())));
        publish(host, rows, reachable, incomplete);
    }

    private void publish(String host, List<AttachmentStatus> rows, boolean reachable, boolean incomplete) {
        devicesOf(host, rows)
                .forEach((server, devices) -> everPublished
                        .computeIfAbsent(server, any -> new TreeSet<>())
                        .addAll(devices));
        Map<UUID, Set<DeviceRef>> now = devicesOf(host, rows);
        publishedSinceCheck.forEach((server, devices) ->
                devices.removeIf(device -> device.node().equals(host)
                        && !now.getOrDefault(server, Set.of()).contains(device)));
        HostPciInventory object = cloud.api.hosts().get(host);
        HostPciInventoryStatus before = object.getStatus();
        AgentStatus agent = new AgentStatus(
                null,
                null,
                null,
                "sha256:1",
                null,
                null,
                null,
                new AgentStatus.LibvirtStatus(
                        reachable, "2026-01-01T00:00:00Z", Integer.toString(rows.hashCode()), incomplete, null));
        HostPciInventoryStatus agentPart = new HostPciInventoryStatus(
                agent, List.of(), rows, null, null, null, null, null, null, null, null, null, null, null, null, null);
        object.setStatus(before.withAgentFieldsFrom(agentPart));
        cloud.api.host(object);
        cloud.operator.hostChanged(host);
    }

    private static Map<UUID, Set<DeviceRef>> devicesOf(String host, List<AttachmentStatus> rows) {
        Map<UUID, Set<DeviceRef>> devices = new TreeMap<>();
        rows.forEach(row -> row.devices()
                .forEach(device -> devices.computeIfAbsent(UUID.fromString(row.serverUuid()), any -> new TreeSet<>())
                        .add(new DeviceRef(
                                host, PciAddress.parse(device.address()).orElseThrow()))));
        return devices;
    }

    /** The devices of a server that lists have had ever since the last check. */
    Set<DeviceRef> publishedSinceCheck(UUID server) {
        return publishedSinceCheck.getOrDefault(server, Set.of());
    }

    void endCheck() {
        publishedSinceCheck.clear();
        cloud.api.hosts().forEach((host, object) -> {
            List<AttachmentStatus> rows = object.getStatus().attachments();
            devicesOf(host, rows == null ? List.of() : rows)
                    .forEach((server, devices) -> publishedSinceCheck
                            .computeIfAbsent(server, any -> new TreeSet<>())
                            .addAll(devices));
        });
    }
}
