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
 * Measures the cost of one change in a cloud with many PciAllocations: requests to Placement and time of the operator.
 * Runs the complete operator on an in-memory Placement.
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
     * Creates the cloud and runs until it is in sync.
     *
     * @param each number of PciAllocations per host, up to 31
     */
    public AllocationCost(int hosts, int each, ExecutorService pool) {
        this.each = each;
        this.cloud = new SimulatedCloud(placement, "host", hosts, DEVICES, new Random(1), pool);
        cloud.runUntilIdle();
        for (int host = 0; host < hosts; host++) {
            for (int i = 0; i < each; i++) {
                objects.add(cloud.api.create(specWithDevices(newConsumer(), host, i)));
            }
        }
        cloud.runUntilIdle();
    }

    private static HostDevices devices(int vfs) {
        Devices devices = new Devices();
        for (int slot = 0; slot < PFS; slot++) {
            devices.pfWithVfs(slot, slot == PFS - 1 ? vfs : VFS);
        }
        return devices.build();
    }

    private Consumer newConsumer() {
        return new Consumer(cloud.uuid().toString(), "INSTANCE", "p", "u", ManagedBy.OPERATOR);
    }

    private static PciAllocationSpec specWithDevices(Consumer consumer, int host, int number) {
        String address = "0000:81:%02x.%d".formatted(number / VFS, 1 + number % VFS);
        return new PciAllocationSpec(
                consumer, List.of(new DeviceRef("host-" + host, address)), null, null, null, null, null);
    }

    /** Cost of one change. */
    public record Cost(int requests, double millis) {}

    /** Measures the cost of each kind of change, in the order in which the changes are made. */
    public Map<String, Cost> measureCosts() {
        String edited = objects.getFirst();
        Request request = new Request("vf", null, "vf", null, null, null, null, null, null);
        Map<String, Cost> costs = new LinkedHashMap<>();
        costs.put("no change", measureCost(() -> {}));
        costs.put(
                "a PciAllocation with another device",
                measureCost(() -> cloud.api.update(
                        edited,
                        specWithDevices(
                                cloud.api
                                        .allocation(edited)
                                        .orElseThrow()
                                        .getSpec()
                                        .consumer(),
                                0,
                                each))));
        costs.put(
                "a claim of one VF",
                measureCost(() -> cloud.api.create(
                        new PciAllocationSpec(newConsumer(), null, List.of(request), null, null, null, null))));
        costs.put("a deleted PciAllocation", measureCost(() -> cloud.api.delete(objects.getLast())));
        costs.put("a free device is removed", measureCost(() -> {
            cloud.devices.put("host-0", ONE_FEWER);
            cloud.operator.hostChanged("host-0");
        }));
        return costs;
    }

    private Cost measureCost(Runnable change) {
        placement.requests.clear();
        long started = System.nanoTime();
        change.run();
        cloud.operator.processAll();
        return new Cost(placement.requests.size(), (System.nanoTime() - started) / 1e6);
    }
}
