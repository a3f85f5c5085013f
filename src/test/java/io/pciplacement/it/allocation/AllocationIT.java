package io.pciplacement.it.allocation;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static io.pciplacement.testing.Hosts.awaitReason;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import io.pciplacement.testing.ProcessResult;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Allocations of consumers on a real Placement: healed, created, released. */
class AllocationIT {

    private static final String NODE = "allocation-host";
    private static final String PCI = "CUSTOM_PCI_8086_1533";
    private static final String PF = "CUSTOM_PCI_8086_1528";
    private static final String VF = "CUSTOM_PCI_8086_1515";

    private final LocalCluster cluster = LocalCluster.shared();
    private final UUID server = UUID.randomUUID();
    private final List<UUID> consumers = new ArrayList<>(List.of(server));

    /**
     * Host with two plain devices, one PF as a whole device and the VFs of another PF, as in Nova's tests of healing.
     */
    private void host() {
        host(new Devices().plain(0).plain(1).pfWithVfs(2, 4).pfWithVfs(3, 4).build());
    }

    private void host(HostDevices devices) {
        cluster.apply("""
                apiVersion: pciplacement.io/v1alpha1
                kind: PciDeviceSpec
                metadata: {name: pci}
                spec: {selectors: [{vendorId: "8086", productId: "1533"}]}
                ---
                apiVersion: pciplacement.io/v1alpha1
                kind: PciDeviceSpec
                metadata: {name: pf}
                spec: {selectors: [{address: "0000:81:02.0", deviceType: PF}]}
                ---
                apiVersion: pciplacement.io/v1alpha1
                kind: PciDeviceSpec
                metadata: {name: vfs}
                spec: {selectors: [{address: "0000:81:03.*", deviceType: VF}]}
                """);
        Hosts.create(cluster.client(), NODE, Map.of(), true);
        Hosts.publish(cluster.client(), NODE, devices);
        awaitReason(cluster, "hpi", NODE, "Ready", "InSync");
        awaitCondition().until(() -> cluster.placement().providersBelow(NODE).size() == 4);
    }

    @AfterEach
    void clean() {
        Hosts.withdrawAll(cluster);
        consumers.forEach(cluster.placement()::release);
        Hosts.clean(cluster, NODE);
    }

    private static String object(String name, UUID consumer, String managedBy, String... addresses) {
        return """
                apiVersion: pciplacement.io/v1alpha1
                kind: PciAllocation
                metadata: {name: %s}
                spec:
                  consumer: {uuid: %s, projectId: p, userId: u, managedBy: %s}
                  devices: [%s]
                """.formatted(
                        name,
                        consumer,
                        managedBy,
                        Arrays.stream(addresses)
                                .map(address -> "{node: %s, address: '%s'}".formatted(NODE, address))
                                .collect(Collectors.joining(", ")));
    }

    private String provider(String address) {
        return cluster.placement().providersBelow(NODE).get(NODE + "_" + address);
    }

    private static String[] sorted(String... amounts) {
        return Stream.of(amounts).sorted().toArray(String[]::new);
    }

    @Test
    void missingAndWrongUnitsAreHealed() {
        host();
        String compute = cluster.placement().addCpus(NODE);
        String cpus = compute + "/VCPU=2";
        String memory = compute + "/MEMORY_MB=1024";
        cluster.placement().claim(server, "INSTANCE", cpus, memory);
        cluster.apply(object("server", server, "External", "0000:81:00.0", "0000:81:03.1", "0000:81:03.2"));
        String[] right = sorted(
                cpus, memory, provider("0000:81:00.0") + "/" + PCI + "=1", provider("0000:81:03.0") + "/" + VF + "=2");
        awaitReason(cluster, "pcia", "server", "Ready", "InSync");
        assertThat(cluster.placement().allocationsOf(server)).containsExactly(right);
        assertThat(cluster.get("pcia", "server").at("/status/phase").asText()).isEqualTo("Allocated");
        assertThat(cluster.get("pcia", "server").at("/status/healCount").asInt())
                .isEqualTo(1);
        assertThat(cluster.get("pcia", "server").at("/metadata/finalizers").isMissingNode())
                .as("an External consumer needs no finalizer")
                .isTrue();
        awaitCondition()
                .until(() -> cluster.get("hpi", NODE).at("/status/summary/used").asInt() == 3);
        awaitReason(cluster, "hpi", NODE, "AllocationsHealed", "Healed");

        // Too few units, and on the wrong provider.
        assertThat(cluster.placement()
                        .claim(
                                server,
                                "INSTANCE",
                                cpus,
                                memory,
                                provider("0000:81:03.0") + "/" + VF + "=1",
                                provider("0000:81:01.0") + "/" + PCI + "=1")
                        .status())
                .isEqualTo(204);
        awaitCondition()
                .untilAsserted(() ->
                        assertThat(cluster.placement().allocationsOf(server)).containsExactly(right));
        awaitCondition()
                .until(() ->
                        cluster.get("pcia", "server").at("/status/healCount").asInt() == 2);
        assertThat(cluster.get("pcia", "server")
                        .at("/status/allocations/0/state")
                        .asText())
                .isEqualTo("Healed");
        // Events are written in the background.
        awaitCondition()
                .untilAsserted(() -> assertThat(cluster.kubectl(
                                        "get", "events.events.k8s.io", "-A", "-o", "custom-columns=:.reason,:.note")
                                .out())
                        .contains("AllocationHealed"));

        // Deleting the object changes nothing.
        cluster.kubectl("delete", "pcia", "server");
        assertThat(cluster.placement().allocationsOf(server)).containsExactly(right);
    }

    @Test
    void externalConsumerWithoutAllocationIsNotWritten() {
        host();
        cluster.apply(object("server", server, "External", "0000:81:02.0"));
        awaitReason(cluster, "pcia", "server", "Ready", "ConsumerHasNoAllocation");
        awaitReason(cluster, "hpi", NODE, "AllocationsHealed", "ConsumerHasNoAllocation");
        assertThat(cluster.placement().allocationsOf(server)).isEmpty();
        String cpus = cluster.placement().addCpus(NODE) + "/VCPU=2";
        cluster.placement().claim(server, "INSTANCE", cpus);
        awaitReason(cluster, "pcia", "server", "Ready", "InSync");
        assertThat(cluster.placement().allocationsOf(server))
                .containsExactly(sorted(cpus, provider("0000:81:02.0") + "/" + PF + "=1"));
    }

    @Test
    void managedConsumerIsCreatedAndReleased() {
        host();
        cluster.apply(object("vm", server, "Operator", "0000:81:03.1", "0000:81:03.4"));
        awaitReason(cluster, "pcia", "vm", "Ready", "InSync");
        assertThat(cluster.placement().allocationsOf(server))
                .containsExactly(provider("0000:81:03.0") + "/" + VF + "=2");
        assertThat(cluster.get("pcia", "vm").at("/metadata/finalizers/0").asText())
                .contains("pciplacement.io");
        assertThat(cluster.kubectl("get", "pcia", "vm").out())
                .containsPattern("vm +" + server + " +Allocated +" + NODE + " +2 +True +InSync");

        // The allocation is updated when its devices change.
        cluster.kubectl(
                "patch",
                "pcia",
                "vm",
                "--type=merge",
                "-p",
                "{\"spec\":{\"devices\":[{\"node\":\"%s\",\"address\":\"0000:81:00.0\"}]}}".formatted(NODE));
        awaitCondition()
                .untilAsserted(() -> assertThat(cluster.placement().allocationsOf(server))
                        .containsExactly(provider("0000:81:00.0") + "/" + PCI + "=1"));
        // The allocation is recreated when another client deletes it.
        cluster.placement().release(server);
        awaitCondition()
                .untilAsserted(() ->
                        assertThat(cluster.placement().allocationsOf(server)).hasSize(1));
        awaitCondition()
                .until(() -> cluster.get("hpi", NODE).at("/status/summary/used").asInt() == 1);

        cluster.kubectl("delete", "pcia", "vm");
        assertThat(cluster.placement().allocationsOf(server)).isEmpty();
        awaitCondition()
                .until(() -> cluster.get("hpi", NODE).at("/status/summary/used").asInt() == 0);
    }

    @Test
    void deviceIsAllocatedToOneConsumerOnly() {
        host();
        UUID other = UUID.randomUUID();
        consumers.add(other);
        cluster.apply(object("a-first", server, "Operator", "0000:81:03.1"));
        awaitReason(cluster, "pcia", "a-first", "Ready", "InSync");
        ProcessResult run =
                cluster.kubectlWith(object("b-second", other, "Operator", "0000:81:03.1"), "apply", "-f", "-");
        assertThat(run.status()).isNotZero();
        assertThat(run.err()).contains("a-first", server.toString(), "0000:81:03.1");
        assertThat(cluster.placement().allocationsOf(other)).isEmpty();
        cluster.kubectl("delete", "pcia", "a-first");
        awaitCondition()
                .until(() ->
                        cluster.kubectlWith(object("b-second", other, "Operator", "0000:81:03.1"), "apply", "-f", "-")
                                        .status()
                                == 0);
        awaitReason(cluster, "pcia", "b-second", "Ready", "InSync");
        assertThat(cluster.placement().allocationsOf(other))
                .containsExactly(provider("0000:81:03.0") + "/" + VF + "=1");
    }

    private String claim(String name, String requests) {
        UUID consumer = UUID.nameUUIDFromBytes((server + name).getBytes(StandardCharsets.UTF_8));
        consumers.add(consumer);
        return """
                ---
                apiVersion: pciplacement.io/v1alpha1
                kind: PciAllocation
                metadata: {name: %s}
                spec:
                  consumer: {uuid: %s, projectId: p, userId: u, managedBy: Operator}
                  requests: [%s]
                """.formatted(name, consumer, requests);
    }

    @Test
    void requestedDevicesAreScheduledAndWritten() {
        host();
        cluster.apply(claim(
                "mixed",
                "{name: vf, count: 2, vendorId: '8086', productId: '1515'}, {name: pf, resourceClass: %s, deviceType: PF}"
                        .formatted(PF)));
        awaitReason(cluster, "pcia", "mixed", "Ready", "InSync");
        assertThat(cluster.placement().allocationsOf(consumers.getLast()))
                .containsExactly(
                        sorted(provider("0000:81:02.0") + "/" + PF + "=1", provider("0000:81:03.0") + "/" + VF + "=2"));
        assertThat(cluster.get("pcia", "mixed").at("/status/devices").toString())
                .containsPattern("0000:81:02.0\"[^}]*\"request\":\"pf\"")
                .containsPattern("0000:81:03.1\"[^}]*\"request\":\"vf\"");
        cluster.apply(claim("big", "{name: vf, count: 3, resourceClass: %s}".formatted(VF)));
        awaitReason(cluster, "pcia", "big", "Ready", "InsufficientDevices");
        awaitCondition()
                .untilAsserted(() -> assertThat(cluster.get("pcia", "big")
                                .at("/status/conditions")
                                .toString())
                        .as("with %s and %s", cluster.get("pcia", "mixed"), cluster.get("hpi", NODE))
                        .contains(NODE + " has 2 of 3 devices free"));
        cluster.kubectl("delete", "pcia", "mixed");
        awaitReason(cluster, "pcia", "big", "Ready", "InSync");
        assertThat(cluster.placement().allocationsOf(consumers.getLast()))
                .containsExactly(provider("0000:81:03.0") + "/" + VF + "=3");
    }

    private static HostDevices publishSixtyFourVfs() {
        Devices devices = new Devices();
        for (int slot = 0; slot < 16; slot++) {
            devices.pfWithVfs(slot, 4);
        }
        return devices.build();
    }

    @Test
    void hundredClaimsCompeteForSixtyFourVfs() {
        cluster.apply("""
                apiVersion: pciplacement.io/v1alpha1
                kind: PciDeviceSpec
                metadata: {name: vfs}
                spec: {selectors: [{vendorId: "8086", productId: "1515", deviceType: VF}], resourceClass: vf}
                """);
        Hosts.create(cluster.client(), NODE, Map.of(), true);
        Hosts.publish(cluster.client(), NODE, publishSixtyFourVfs());
        awaitReason(cluster, "hpi", NODE, "Ready", "InSync");
        awaitCondition().until(() -> cluster.placement().providersBelow(NODE).size() == 16);
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            all.append(claim("claim-%03d".formatted(i), "{name: vf, resourceClass: vf}"));
        }
        cluster.apply(all.toString());
        awaitCondition().atMost(Duration.ofMinutes(3)).untilAsserted(() -> {
            assertThat(withReason("InSync")).hasSize(64);
            assertThat(withReason("InsufficientDevices")).hasSize(36);
        });
        assertThat(granted()).hasSize(64).doesNotHaveDuplicates();
        assertThat(consumers.stream()
                        .mapToInt(c -> cluster.placement().allocationsOf(c).size())
                        .sum())
                .isEqualTo(64);
        cluster.kubectl("delete", "pcia", withReason("InSync").getFirst());
        awaitCondition().until(() -> withReason("InsufficientDevices").size() == 35);
        awaitCondition().until(() -> withReason("InSync").size() == 64);
        assertThat(granted()).hasSize(64).doesNotHaveDuplicates();
    }

    private List<String> withReason(String reason) {
        return allocations()
                .filter(object -> object.getStatus() != null
                        && object.getStatus().conditions().stream()
                                .anyMatch(c -> c.getType().equals("Ready")
                                        && c.getReason().equals(reason)))
                .map(object -> object.getMetadata().getName())
                .toList();
    }

    private List<String> granted() {
        return allocations()
                .flatMap(object -> object.getStatus().devices().stream())
                .map(device -> device.node() + "/" + device.address())
                .toList();
    }

    private Stream<PciAllocation> allocations() {
        return cluster.client().resources(PciAllocation.class).list().getItems().stream();
    }

    @Test
    void invalidObjectsAreReported() {
        host();
        String elsewhere = provider("0000:81:00.0") + "/" + PCI + "=1";
        cluster.placement().claim(server, "INSTANCE", elsewhere);
        cluster.apply(object("server", server, "External", "0000:81:03.0"));
        awaitReason(cluster, "pcia", "server", "Accepted", "DeviceNotTracked");
        cluster.apply(object("server", server, "External", "0000:82:00.0"));
        awaitReason(cluster, "pcia", "server", "Accepted", "DeviceNotOnHost");
        assertThat(cluster.placement().allocationsOf(server)).containsExactly(elsewhere);
    }
}
