package io.pciplacement.it.agent;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.pciplacement.api.v1alpha1.AttachmentStatus;
import io.pciplacement.api.v1alpha1.DeviceStatus.HealthStatus;
import io.pciplacement.api.v1alpha1.DeviceStatus.LinkStatus;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The largest host that the schema allows fits into etcd's size limit. */
class LargestHostIT {

    private static final int MEBIBYTE = 1 << 20;

    private final LocalCluster cluster = LocalCluster.shared();

    /**
     * 1,024 devices, 16 of them PFs with 256 VFs each, every field as long as on real hosts. As many have a PCIe switch
     * as the agent publishes.
     */
    static HostDevices realisticLargestHost() {
        List<PciDevice> devices = new ArrayList<>();
        String serial = "MT2205X0123456789ABCDEF";
        for (int i = 0; i < 1024; i++) {
            PciAddress address = new PciAddress(0xffff, i / 32, i % 32, 0);
            boolean pf = i < 16;
            devices.add(new PciDevice(
                    address,
                    pf ? DeviceType.PF : DeviceType.PCI,
                    0x15b3,
                    0x101d,
                    "020000",
                    1,
                    "mlx5_core",
                    1000 + i,
                    serial,
                    null,
                    -1,
                    pf ? new PciDevice.Sriov(256, 256, 0x101e) : null,
                    "pci%04x:%02x".formatted(i / 64, i % 64),
                    i < 256 ? new PciAddress(0xffff, i % 64, 0, 0) : null));
            for (int vf = 0; pf && vf < 256; vf++) {
                devices.add(new PciDevice(
                        new PciAddress(0xfffe, i * 4 + vf / 64, vf % 64 / 2, vf % 2),
                        DeviceType.VF,
                        0x15b3,
                        0x101e,
                        "020000",
                        1,
                        vf % 2 == 0 ? "vfio-pci" : "mlx5_core",
                        -1,
                        serial,
                        address,
                        vf,
                        null,
                        "pci%04x:%02x".formatted(i / 64, i % 64),
                        new PciAddress(0xffff, i % 64, 0, 0)));
            }
        }
        return new HostDevices(devices);
    }

    @Test
    void largestHostWithFieldsOfBothWritersIsSmallerThanOneMebibyte() {
        String name = "the-largest-host-that-the-schema-allows.example.org";
        try {
            Hosts.create(cluster.client(), name, Map.of(), false);
            cluster.apply("""
                    apiVersion: pciplacement.io/v1alpha1
                    kind: PciDeviceSpec
                    metadata: {name: everything-but-the-virtual-functions-of-that-vendor}
                    spec:
                      selectors:
                      - {vendorId: "15b3", productId: "101d"}
                      traits: [one-trait-of-a-usual-length, another-trait-of-a-usual-length, and-a-third-one]
                    """);
            HostDevices devices = realisticLargestHost();
            assertThat(devices.size()).isEqualTo(1024 + 4096);
            Hosts.publish(cluster.client(), name, devices, mostAttachments(devices), mostHealth(devices));
            awaitCondition()
                    .until(() ->
                            cluster.get("hpi", name).at("/status/providers").size() == 1024);
            var object = cluster.get("hpi", name);
            assertThat(object.at("/status/providers")).hasSize(1024);
            assertThat(object.at("/status/summary/devices").asInt()).isEqualTo(1024 + 4096);
            // The stored form: compact JSON including the managed fields.
            String stored = cluster.kubectl("get", "--raw", "/apis/pciplacement.io/v1alpha1/hostpciinventories/" + name)
                    .out();
            assertThat(stored).contains("managedFields", "pci-agent", "pci-operator");
            assertThat(stored).contains("a-server-name-of-a-usual-length-255");
            assertThat(object.at("/status/maintenance/degradedDevices")).hasSize(32);
            assertThat(stored.getBytes(StandardCharsets.UTF_8).length).isLessThan(MEBIBYTE);
        } finally {
            Hosts.clean(cluster, name);
        }
    }

    /** The health of as many devices as the agent publishes, all of them degraded. */
    private static Map<String, HealthStatus> mostHealth(HostDevices devices) {
        return devices.devices().stream()
                .filter(device -> device.type() != DeviceType.VF)
                .limit(64)
                .collect(Collectors.toMap(
                        device -> device.address().toString(),
                        device -> new HealthStatus(
                                new LinkStatus("16.0 GT/s PCIe", 8, "16.0 GT/s PCIe", 16), 65_536L, 4_096L, 4_096L)));
    }

    /** As many servers as the agent publishes, with as many of the VFs. */
    private static List<AttachmentStatus> mostAttachments(HostDevices devices) {
        List<String> vfs = devices.devices().stream()
                .filter(device -> device.type() == DeviceType.VF)
                .map(device -> device.address().toString())
                .toList();
        int servers = 256;
        int each = 1024 / servers;
        return IntStream.range(0, servers)
                .mapToObj(server -> new AttachmentStatus(
                        new UUID(0, server).toString(),
                        "a-server-name-of-a-usual-length-%d".formatted(server),
                        "0123456789abcdef0123456789abcdef",
                        "0123456789abcdef0123456789abcdef",
                        true,
                        IntStream.range(server * each, (server + 1) * each)
                                .mapToObj(vf -> new AttachmentStatus.AttachedDevice(vfs.get(vf), "Interface"))
                                .toList()))
                .toList();
    }

    /** 1,024 PFs with ten VFs each, and names as long as the schema allows: more than a real host has. */
    private static HostDevices largestHostInSchema() {
        List<PciDevice> devices = new ArrayList<>();
        for (int i = 0; i < 1024; i++) {
            PciAddress pf = new PciAddress(1, i / 32, i % 32, 0);
            devices.add(new PciDevice(
                    pf,
                    DeviceType.PF,
                    0x15b3,
                    0x101d,
                    "020000",
                    1,
                    "d".repeat(64),
                    i,
                    "S".repeat(128),
                    null,
                    -1,
                    new PciDevice.Sriov(10, 10, 0x101e)));
            for (int vf = 0; vf < 10; vf++) {
                devices.add(new PciDevice(
                        new PciAddress(2 + i / 256, i % 256, vf / 8, vf % 8),
                        DeviceType.VF,
                        0x15b3,
                        0x101e,
                        "020000",
                        1,
                        vf + "x".repeat(45),
                        -1,
                        null,
                        pf,
                        vf,
                        null));
            }
        }
        return new HostDevices(devices);
    }

    @Test
    void reportsListThatIsTooLargeToStore() {
        String name = "too-large";
        try {
            Hosts.create(cluster.client(), name, Map.of(), false);
            HostDevices devices = largestHostInSchema();
            // On a busy machine the API server may exceed the client's timeout.
            awaitCondition()
                    .ignoreExceptionsInstanceOf(KubernetesClientException.class)
                    .until(() -> {
                        Hosts.publish(cluster.client(), name, devices);
                        return true;
                    });
            cluster.apply("""
                    apiVersion: pciplacement.io/v1alpha1
                    kind: PciDeviceSpec
                    metadata: {name: physical-functions}
                    spec: {selectors: [{vendorId: "15b3", productId: "101d"}]}
                    """);
            Hosts.awaitReason(cluster, "hpi", name, "Ready", "StatusTooLarge");
            assertThat(cluster.get("hpi", name).at("/status/summary/devices").asInt())
                    .isEqualTo(1024 * 11);
        } finally {
            Hosts.clean(cluster, name);
        }
    }
}
