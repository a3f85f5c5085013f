package io.pciplacement.simulation;

import io.pciplacement.api.v1alpha1.PciAllocationSpec;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.Consumer;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.DeviceRef;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.ManagedBy;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.Request;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.FakePlacement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;

/**
 * What one change costs in a cloud where many PciAllocations hold devices: requests to Placement, and the operator's
 * own time. The operator is whole; Placement is in memory, so that only what it is asked counts.
 */
public final class AllocationCost {

    private static final int PFS = 8;
    private static final int VFS = 4;

    private static final HostDevices DEVICES = devices(VFS);
    private static final HostDevices ONE_FEWER = devices(VFS - 1);

    private final FakePlacement placement = new FakePlacement();
    private final List<String> objects = new ArrayList<>();
    private final SimulatedCloud cloud;
    private final int each;

    /**
     * Makes the cloud, and waits until all is as its objects say.
     *
     * @param each how many PciAllocations each host has, up to 31
     */
    public AllocationCost(int hosts, int each, ExecutorService pool) {
        this.each = each;
        this.cloud = new SimulatedCloud(placement, "host", hosts, DEVICES, new Random(1), pool);
        cloud.settle();
        for (int host = 0; host < hosts; host++) {
            for (int i = 0; i < each; i++) {
                objects.add(cloud.api.create(holds(consumer(), host, i)));
            }
        }
        cloud.settle();
    }

    private static HostDevices devices(int vfs) {
        Devices devices = new Devices();
        for (int slot = 0; slot < PFS; slot++) {
            devices.pfWithVfs(slot, slot == PFS - 1 ? vfs : VFS);
        }
        return devices.build();
    }

    private Consumer consumer() {
        return new Consumer(cloud.uuid().toString(), "INSTANCE", "p", "u", ManagedBy.OPERATOR);
    }

    private static PciAllocationSpec holds(Consumer consumer, int host, int number) {
        String address = "0000:81:%02x.%d".formatted(number / VFS, 1 + number % VFS);
        return new PciAllocationSpec(
                consumer, List.of(new DeviceRef("host-" + host, address)), null, null, null, null, null);
    }

    /** What one change cost. */
    public record Cost(int requests, double millis) {}

    /** What each kind of change costs, in the order in which they are made. */
    public Map<String, Cost> costs() {
        String edited = objects.getFirst();
        Request request = new Request("vf", null, "vf", null, null, null, null, null, null);
        Map<String, Cost> costs = new LinkedHashMap<>();
        costs.put("nothing changes", cost(() -> {}));
        costs.put(
                "another device in a PciAllocation",
                cost(() -> cloud.api.update(
                        edited,
                        holds(
                                cloud.api
                                        .allocation(edited)
                                        .orElseThrow()
                                        .getSpec()
                                        .consumer(),
                                0,
                                each))));
        costs.put(
                "a claim of one VF",
                cost(() -> cloud.api.create(
                        new PciAllocationSpec(consumer(), null, List.of(request), null, null, null, null))));
        costs.put("a PciAllocation is deleted", cost(() -> cloud.api.delete(objects.getLast())));
        costs.put("a free device goes", cost(() -> {
            cloud.devices.put("host-0", ONE_FEWER);
            cloud.operator.hostChanged("host-0");
        }));
        return costs;
    }

    private Cost cost(Runnable change) {
        placement.requests.clear();
        long started = System.nanoTime();
        change.run();
        cloud.operator.workAll();
        return new Cost(placement.requests.size(), (System.nanoTime() - started) / 1e6);
    }
}
