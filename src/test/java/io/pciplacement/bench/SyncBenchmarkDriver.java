package io.pciplacement.bench;

import io.pciplacement.pci.AddressGlob;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.pci.Selector;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.client.HttpPlacementClient;
import io.pciplacement.placement.client.PlacementConnection;
import io.pciplacement.placement.http.ConnectionSettings;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.NodeSelector;
import io.pciplacement.sync.PlacementSync;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.testing.SyncRequests;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Driver for hack/bench: keeps a host's PCI devices in Placement, one command per line of standard input. Devices,
 * requests and output are the same as those of hack/lib/bench/nova_driver.py.
 */
public final class SyncBenchmarkDriver {

    private static final int CONCURRENCY = 8; // the default of OperatorSettings
    private static final int VENDOR = 0x8086;
    private static final int PRODUCT = 0x1533;
    private static final DeviceSpec ALL = spec(
            "all", 100, new Selector(VENDOR, PRODUCT, null, null, null, null), "gpu", "nvlink", "HW_GPU_API_VULKAN");
    private static final DeviceSpec FIRST = spec(
            "first",
            200,
            new Selector(VENDOR, PRODUCT, new AddressGlob(-1, 0), null, null, null),
            "gpu_lab",
            "nvlink",
            "HW_GPU_API_VULKAN",
            "lab");

    private SyncBenchmarkDriver() {}

    public static void main(String[] args) throws Exception {
        AtomicInteger requests = new AtomicInteger();
        ExecutorService pool = Executors.newFixedThreadPool(
                CONCURRENCY, Thread.ofPlatform().daemon().factory());
        try (PlacementConnection connection = PlacementConnection.fromEnvironment(
                        System.getenv(),
                        ConnectionSettings.DEFAULT,
                        (method, route, status, duration) -> requests.incrementAndGet());
                BufferedReader commands =
                        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            PlacementSync sync = new PlacementSync(new HttpPlacementClient(connection), OwnershipTraits.DEFAULT, pool);
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                String[] command = line.split(" ");
                requests.set(0);
                long started = System.nanoTime();
                int providers = run(sync, command[0], command[1], Integer.parseInt(command[2]));
                double ms = (System.nanoTime() - started) / 1e6;
                System.out.printf(
                        "{\"ms\": %.3f, \"requests\": %d, \"providers\": %d}%n", ms, requests.get(), providers);
            }
        }
    }

    private static int run(PlacementSync sync, String step, String host, int count) {
        return switch (step) {
            case "connect" -> {
                sync.runSweep();
                yield 0;
            }
            case "first" -> inSync(sync, host, devices(count), ALL);
            case "change" -> inSync(sync, host, devices(count), FIRST, ALL);
            case "quiet", "refresh" -> {
                sync.runSweep();
                yield inSync(sync, host, devices(count), FIRST, ALL);
            }
            case "remove" -> inSync(sync, host, HostDevices.NONE, ALL);
            default -> throw new IllegalArgumentException(step);
        };
    }

    private static int inSync(PlacementSync sync, String host, HostDevices devices, DeviceSpec... specs) {
        HostSyncResult outcome = sync.syncHost(SyncRequests.request(host, devices, List.of(specs)));
        if (outcome instanceof HostSyncResult.Synced decided
                && decided.providers().stream().allMatch(p -> p.progress() instanceof HostSyncResult.Progress.Done)) {
            return (int) decided.providers().stream()
                    .filter(p -> !p.decision().inventories().isEmpty())
                    .count();
        }
        throw new IllegalStateException(host + " is not in sync: " + outcome);
    }

    private static HostDevices devices(int count) {
        List<PciDevice> devices = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            devices.add(new PciDevice(
                    new PciAddress(0, i / 32, i % 32, 0),
                    DeviceType.PCI,
                    VENDOR,
                    PRODUCT,
                    "020000",
                    0,
                    null,
                    -1,
                    null,
                    null,
                    -1,
                    null));
        }
        return new HostDevices(devices);
    }

    private static DeviceSpec spec(
            String name, int priority, Selector selector, String resourceClass, String... traits) {
        return new DeviceSpec(
                name,
                priority,
                NodeSelector.ALL,
                List.of(selector),
                resourceClass,
                List.of(traits),
                null,
                false,
                false,
                true,
                false,
                false,
                List.of());
    }
}
