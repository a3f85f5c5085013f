package io.pciplacement.simulation;

import static io.pciplacement.testing.Specs.spec;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.pciplacement.api.v1alpha1.AgentStatus;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec;
import io.pciplacement.operator.settings.DiscoveryMode;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.FaultInjector;
import io.pciplacement.testing.Hosts;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutorService;

/** Simulated cloud: identical hosts in a Placement and an operator that can fail and crash. */
final class SimulatedCloud {

    /** One spec for each kind of device; the second PF's VFs have a trait, and one plain device is for one-time use. */
    static final Map<String, DeviceSpec> SPECS = new TreeMap<>(Map.of(
            "pci", spec("pci").address("0000:81:00.0").build(),
            "once", spec("once").address("0000:81:01.0").oneTimeUse().build(),
            "vfs", spec("vfs").address("0000:81:02.*", DeviceType.VF).as("vf").build(),
            "blue",
                    spec("blue")
                            .address("0000:81:03.*", DeviceType.VF)
                            .as("vf")
                            .traits("blue")
                            .build(),
            "pf", spec("pf").address("0000:81:04.0", DeviceType.PF).build()));

    static final HostDevices DEVICES = new Devices()
            .plain(0)
            .plain(1)
            .pfWithVfs(2, 3)
            .pfWithVfs(3, 2)
            .pfWithVfs(4, 1)
            .build();

    private static final int MOST_ROUNDS = 12;

    final Map<String, HostDevices> devices = new TreeMap<>();
    final Map<String, UUID> roots = new TreeMap<>();
    final InMemoryApiServer api = new InMemoryApiServer();
    final FaultInjector faults;
    final SimulatedOperator operator;
    private final Random random;

    /** Creates hosts in a Placement, with a name prefix. */
    SimulatedCloud(PlacementClient placement, String prefix, int hosts, Random random, ExecutorService pool) {
        this(placement, prefix, hosts, DiscoveryMode.REPORT, random, pool);
    }

    /** Creates hosts whose servers are discovered. */
    SimulatedCloud(
            PlacementClient placement,
            String prefix,
            int hosts,
            DiscoveryMode discoveryMode,
            Random random,
            ExecutorService pool) {
        this(placement, prefix, hosts, DEVICES, SPECS, discoveryMode, random, pool);
    }

    /** Creates hosts with the given devices; all VFs are tracked. */
    SimulatedCloud(
            PlacementClient placement,
            String prefix,
            int hosts,
            HostDevices each,
            Random random,
            ExecutorService pool) {
        this(
                placement,
                prefix,
                hosts,
                each,
                Map.of("vfs", spec("vfs").product(Devices.VF).as("vf").build()),
                DiscoveryMode.REPORT,
                random,
                pool);
    }

    private SimulatedCloud(
            PlacementClient placement,
            String prefix,
            int hosts,
            HostDevices each,
            Map<String, DeviceSpec> specs,
            DiscoveryMode discoveryMode,
            Random random,
            ExecutorService pool) {
        this.random = random;
        this.faults = new FaultInjector(random);
        for (int i = 0; i < hosts; i++) {
            host(placement, prefix + "-" + i, each);
        }
        this.operator = new SimulatedOperator(
                api, faults.before(placement), faults, devices, specs, random, pool, discoveryMode);
    }

    private void host(PlacementClient placement, String name, HostDevices each) {
        UUID root = uuid();
        placement.createProvider(root, name, Optional.empty());
        placement.putInventories(
                root,
                new ProviderInventories(
                        0,
                        Map.of(
                                ExternalWriters.VCPU,
                                Inventory.of(10_000, 0),
                                ExternalWriters.MEMORY,
                                Inventory.of(9_999_999, 0))));
        roots.put(name, root);
        devices.put(name, each);
        HostPciInventory host = new HostPciInventory();
        host.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .withUid(uuid().toString())
                .withGeneration(1L)
                .build());
        host.setSpec(new HostPciInventorySpec(
                HostPciInventorySpec.ReportingMode.ENABLED, null, false, null, null, null, null));
        host.setStatus(
                Hosts.agentStatus(new AgentStatus(null, null, null, "sha256:1", null, null, null, null), List.of()));
        api.host(host);
    }

    UUID uuid() {
        byte[] bytes = new byte[16];
        random.nextBytes(bytes);
        return UUID.nameUUIDFromBytes(bytes);
    }

    /** Runs the operator without faults until another run changes nothing. */
    void runUntilIdle() {
        faults.none();
        int quiet = 0;
        for (int round = 0; quiet < 2; round++) {
            int before = faults.written.size();
            operator.tick();
            operator.processAll();
            if (round > MOST_ROUNDS || !operator.isIdle()) {
                List<String> last =
                        faults.written.subList(Math.max(0, faults.written.size() - 8), faults.written.size());
                throw new AssertionError(
                        "it never comes to rest; %s; the last writes: %s".formatted(operator.placementState(), last));
            }
            quiet = faults.written.size() == before && operator.isConnected() ? quiet + 1 : 0;
        }
    }
}
