package io.pciplacement.it.operator;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static io.pciplacement.testing.Hosts.awaitReason;

import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Hosts of one test, with equal devices that the specs of the test track. */
final class PlainHosts {

    /** Tracks the devices of all hosts. */
    static final String SPEC = """
            apiVersion: pciplacement.io/v1alpha1
            kind: PciDeviceSpec
            metadata: {name: plain}
            spec: {selectors: [{vendorId: "8086", productId: "1533"}], traits: [fast]}
            """;

    private final LocalCluster cluster;
    private final List<String> names = new ArrayList<>();

    PlainHosts(LocalCluster cluster) {
        this.cluster = cluster;
    }

    /** Names of the hosts so far. */
    List<String> names() {
        return List.copyOf(names);
    }

    /** Creates a host without devices. */
    void create(String name) {
        names.add(name);
        Hosts.create(cluster.client(), name, Map.of(), true);
    }

    void create(String name, int devices) {
        create(name);
        publish(name, devices);
    }

    void createInSync(String name, int devices) {
        create(name, devices);
        awaitSynced(name);
    }

    /** Publishes a list of so many devices. */
    void publish(String name, int devices) {
        HostDevices list = new HostDevices(IntStream.range(0, devices)
                .mapToObj(i -> Devices.pci("0000:%02x:%02x.0".formatted(i / 32, i % 32)))
                .map(PciDevice.class::cast)
                .toList());
        Hosts.publish(cluster.client(), name, list);
    }

    /** Waits until the published devices are in sync; a host without devices is in sync, too. */
    void awaitSynced(String name) {
        awaitCondition().until(() -> {
            JsonNode status = cluster.get("hpi", name).path("status");
            return status.has("observedInventoryHash")
                    && status.path("observedInventoryHash").equals(status.at("/agent/inventoryHash"));
        });
        awaitReason(cluster, "hpi", name, "Ready", "InSync");
    }

    void removeAll() {
        Hosts.remove(cluster, names.toArray(String[]::new));
    }
}
