package io.pciplacement.testing;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.pciplacement.api.v1alpha1.AgentStatus;
import io.pciplacement.api.v1alpha1.AttachmentStatus;
import io.pciplacement.api.v1alpha1.DeviceStatus;
import io.pciplacement.api.v1alpha1.DeviceStatus.HealthStatus;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec.RootProvider;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.api.v1alpha1.SkipReason;
import io.pciplacement.mapping.DeviceListMapper;
import io.pciplacement.pci.HostDevices;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.pollinterval.IterativePollInterval;
import org.jspecify.annotations.Nullable;

/** Hosts whose agent is the test itself: it publishes what a real agent would, as the same field manager. */
public final class Hosts {

    private Hosts() {}

    /** Creates a node and a HostPciInventory with reporting enabled and a root provider that the operator creates. */
    public static void create(KubernetesClient client, String name, Map<String, String> labels, boolean reporting) {
        client.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withLabels(labels)
                        .endMetadata()
                        .build())
                .create();
        HostPciInventory host = new HostPciInventory();
        host.getMetadata().setName(name);
        host.setSpec(new HostPciInventorySpec(
                reporting ? HostPciInventorySpec.ReportingMode.ENABLED : HostPciInventorySpec.ReportingMode.DISABLED,
                new RootProvider(null, true),
                null,
                null,
                null,
                null,
                null));
        client.resource(host)
                .patch(new PatchContext.Builder()
                        .withPatchType(PatchType.SERVER_SIDE_APPLY)
                        .withFieldManager("test")
                        .withForce(true)
                        .build());
    }

    /** Publishes devices as the host's agent would. */
    public static void publish(KubernetesClient client, String name, HostDevices devices) {
        publish(client, name, devices, List.of(), 1);
    }

    /**
     * Publishes devices, and addresses that no list can contain.
     *
     * @param boot number of the host's boot
     */
    public static void publish(
            KubernetesClient client, String name, HostDevices devices, List<String> skipped, int boot) {
        AgentStatus.Skipped skippedStatus = skipped.isEmpty() ? null : skipped(skipped);
        publish(client, name, agentStatus(agent(name, devices, skippedStatus, boot, null), toStatuses(devices)));
    }

    /** Publishes devices and the servers to which libvirt has attached them, as the host's agent would. */
    public static void publish(
            KubernetesClient client, String name, HostDevices devices, List<AttachmentStatus> attachments) {
        publish(client, name, statusWithAttachments(devices, attachments));
    }

    /** Publishes devices, the servers to which libvirt has attached them, and the health of devices by address. */
    public static void publish(
            KubernetesClient client,
            String name,
            HostDevices devices,
            List<AttachmentStatus> attachments,
            Map<String, HealthStatus> health) {
        HostPciInventoryStatus status = statusWithAttachments(devices, attachments);
        publish(
                client,
                name,
                agentStatus(
                        status.agent(),
                        Objects.requireNonNull(status.devices()).stream()
                                .map(device -> withHealth(device, health.get(device.address())))
                                .toList(),
                        attachments));
    }

    /** Returns a copy of an entry with this health. */
    public static DeviceStatus withHealth(DeviceStatus device, @Nullable HealthStatus health) {
        return new DeviceStatus(
                device.address(),
                device.type(),
                device.vendorId(),
                device.productId(),
                device.classCode(),
                device.numaNode(),
                device.driver(),
                device.iommuGroup(),
                device.serialNumber(),
                device.pcieRoot(),
                device.pcieSwitch(),
                device.parentAddress(),
                device.sriov(),
                health);
    }

    /** Returns a status with the fields of an agent that reads libvirt. */
    public static HostPciInventoryStatus statusWithAttachments(
            HostDevices devices, List<AttachmentStatus> attachments) {
        AgentStatus.LibvirtStatus libvirt = new AgentStatus.LibvirtStatus(
                true,
                "2026-01-01T00:00:00Z",
                "sha256:%064x".formatted(attachments.hashCode() & 0xffffffffL),
                false,
                null);
        return agentStatus(agent("libvirt", devices, null, 1, libvirt), toStatuses(devices), attachments);
    }

    private static List<DeviceStatus> toStatuses(HostDevices devices) {
        return DeviceListMapper.toDeviceStatuses(devices);
    }

    private static AgentStatus agent(
            String name,
            HostDevices devices,
            AgentStatus.@Nullable Skipped skipped,
            int boot,
            AgentStatus.@Nullable LibvirtStatus libvirt) {
        return new AgentStatus(
                "test",
                bootId(name, boot),
                "2026-01-01T00:00:00Z",
                "sha256:%064x".formatted(devices.hashCode() & 0xffffffffL),
                false,
                null,
                skipped,
                libvirt);
    }

    private static void publish(KubernetesClient client, String name, HostPciInventoryStatus status) {
        HostPciInventory host = new HostPciInventory();
        host.getMetadata().setName(name);
        host.setStatus(status);
        client.resource(host)
                .subresource("status")
                .patch(new PatchContext.Builder()
                        .withPatchType(PatchType.SERVER_SIDE_APPLY)
                        .withFieldManager("pci-agent")
                        .withForce(true)
                        .build());
    }

    /** Returns a status with the agent's fields only. */
    public static HostPciInventoryStatus agentStatus(@Nullable AgentStatus agent, List<DeviceStatus> devices) {
        return agentStatus(agent, devices, null);
    }

    private static HostPciInventoryStatus agentStatus(
            @Nullable AgentStatus agent, List<DeviceStatus> devices, @Nullable List<AttachmentStatus> attachments) {
        return new HostPciInventoryStatus(
                agent,
                devices,
                attachments,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null);
    }

    private static AgentStatus.Skipped skipped(List<String> addresses) {
        return new AgentStatus.Skipped(
                addresses.size(),
                List.of(new AgentStatus.SkippedGroup(
                        SkipReason.UNSUPPORTED_ADDRESS.value(), addresses.size(), addresses)));
    }

    private static String bootId(String name, int boot) {
        return UUID.nameUUIDFromBytes((name + "/" + boot).getBytes(StandardCharsets.UTF_8))
                .toString();
    }

    /** Applies a HostPciInventory with this {@code spec.reporting}. */
    public static void setReporting(LocalCluster cluster, String name, String mode) {
        cluster.apply("""
                apiVersion: pciplacement.io/v1alpha1
                kind: HostPciInventory
                metadata: {name: %s}
                spec: {reporting: %s}
                """.formatted(name, mode));
    }

    /** Deletes hosts and specs of a test, and waits until the operator has released them. */
    public static void clean(LocalCluster cluster, String... names) {
        cluster.client().resources(PciDeviceSpec.class).delete();
        remove(cluster, names);
    }

    /** Deletes all PciAllocations, and waits until the operator has released their devices. */
    public static void withdrawAll(LocalCluster cluster) {
        var allocations = cluster.client().resources(PciAllocation.class);
        allocations.delete();
        awaitCondition().until(() -> allocations.list().getItems().isEmpty());
    }

    /** Deletes all PciAllocations, specs, hosts and Nodes, and their providers in Placement. */
    static void removeEverything(LocalCluster cluster) {
        withdrawAll(cluster);
        clean(cluster, hostNames(cluster).toArray(String[]::new));
    }

    /** Names of all HostPciInventories and Nodes: the operator creates a HostPciInventory for each Node. */
    private static SortedSet<String> hostNames(LocalCluster cluster) {
        KubernetesClient client = cluster.client();
        return Stream.of(
                        client.resources(HostPciInventory.class).list().getItems(),
                        client.nodes().list().getItems())
                .flatMap(List::stream)
                .map(object -> object.getMetadata().getName())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Deletes what a test class has left, such as the hosts of a test that failed, and prints it. */
    static void removeLeftovers(LocalCluster cluster, String testClass) {
        KubernetesClient client = cluster.client();
        List<String> left = Stream.of(
                        client.resources(PciAllocation.class).list().getItems(),
                        client.resources(PciDeviceSpec.class).list().getItems(),
                        client.resources(HostPciInventory.class).list().getItems(),
                        client.nodes().list().getItems())
                .flatMap(List::stream)
                .map(object -> object.getKind() + " " + object.getMetadata().getName())
                .toList();
        if (!left.isEmpty()) {
            System.err.printf("%s has left %s, which is removed%n", testClass, left);
            removeEverything(cluster);
        }
    }

    /** Deletes hosts with their providers in Placement. */
    public static void remove(LocalCluster cluster, String... names) {
        KubernetesClient client = cluster.client();
        for (String name : names) {
            var host = client.resources(HostPciInventory.class).withName(name);
            if (host.get() != null) {
                host.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"onDelete\": \"RemoveUnused\"}}");
            }
            // The node first: the operator recreates the HostPciInventory of an existing node.
            client.nodes().withName(name).delete();
            host.delete();
        }
        awaitCondition()
                .until(() -> Arrays.stream(names)
                        .allMatch(name -> client.resources(HostPciInventory.class)
                                        .withName(name)
                                        .get()
                                == null));
    }

    /** Polls immediately, then at increasing intervals. */
    public static ConditionFactory awaitCondition() {
        return Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .pollDelay(Duration.ZERO)
                .pollInterval(IterativePollInterval.iterative(Hosts::withLongerTimeout, Duration.ofMillis(30)));
    }

    private static Duration withLongerTimeout(Duration pause) {
        return Duration.ofMillis(Math.min(250, pause.toMillis() * 3 / 2));
    }

    /** Waits until a condition of an object has a reason. */
    public static void awaitReason(LocalCluster cluster, String kind, String name, String type, String reason) {
        String[] last = {""};
        try {
            awaitCondition().until((Callable<Boolean>) () -> {
                for (var condition : cluster.get(kind, name).path("status").path("conditions")) {
                    if (condition.path("type").asText().equals(type)) {
                        last[0] = condition.toString();
                        return condition.path("reason").asText().equals(reason);
                    }
                }
                return false;
            });
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(
                    "%s %s: condition %s did not become %s; it is %s".formatted(kind, name, type, reason, last[0]), e);
        }
    }
}
