package io.pciplacement.bench;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.pci.Selector;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.client.HttpPlacementClient;
import io.pciplacement.placement.client.PlacementConnection;
import io.pciplacement.placement.http.ConnectionSettings;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.NodeSelector;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.planning.allocation.PlacementConsumer;
import io.pciplacement.planning.claim.Claim;
import io.pciplacement.planning.claim.DeviceRequest;
import io.pciplacement.sync.AllocationRecordStore;
import io.pciplacement.sync.AllocationSyncResult;
import io.pciplacement.sync.ClaimRequest;
import io.pciplacement.sync.PlacementSync;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.index.AllocationIndex;
import io.pciplacement.testing.SyncRequests;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Driver for hack/bench: syncs hosts with 8 cards of 8 VFs each, and lets consumers claim VFs as PciAllocations with
 * requests do. Arguments: prefix of the host names, number of hosts, number of claims, devices per claim.
 */
public final class ClaimBenchmarkDriver {

    private static final ResourceClass VF = new ResourceClass("CUSTOM_BENCH_VF");
    private static final int CARDS = 8;
    private static final int VFS = 8;
    private static final int WORKERS = 4;

    private ClaimBenchmarkDriver() {}

    public static void main(String[] args) throws Exception {
        String prefix = args[0];
        int hosts = Integer.parseInt(args[1]);
        int claims = Integer.parseInt(args[2]);
        int devices = Integer.parseInt(args[3]);
        AtomicInteger requests = new AtomicInteger();
        AtomicInteger conflicts = new AtomicInteger();
        try (PlacementConnection connection = PlacementConnection.fromEnvironment(
                        System.getenv(), ConnectionSettings.DEFAULT, (method, route, status, duration) -> {
                            requests.incrementAndGet();
                            conflicts.addAndGet(status == 409 ? 1 : 0);
                        });
                ExecutorService pool = Executors.newFixedThreadPool(8);
                ExecutorService workers = Executors.newFixedThreadPool(WORKERS)) {
            PlacementSync sync = new PlacementSync(new HttpPlacementClient(connection), OwnershipTraits.DEFAULT, pool);
            sync.runSweep();
            for (int i = 0; i < hosts; i++) {
                makeHost(sync, "%s-%04d".formatted(prefix, i));
            }
            AllocationIndex index = new AllocationIndex();
            requests.set(0);
            conflicts.set(0);
            double[] took = new double[claims];
            long started = System.nanoTime();
            List<Callable<Void>> work = new ArrayList<>();
            for (int i = 0; i < claims; i++) {
                int number = i;
                work.add(() -> {
                    long start = System.nanoTime();
                    claim(sync, number, devices, index);
                    took[number] = (System.nanoTime() - start) / 1e6;
                    return null;
                });
            }
            for (var future : workers.invokeAll(work)) {
                future.get();
            }
            double seconds = (System.nanoTime() - started) / 1e9;
            int granted = index.allocationNames().stream()
                    .mapToInt(name ->
                            index.findAllocation(name).orElseThrow().devices().size())
                    .sum();
            if (granted != claims * devices) {
                throw new IllegalStateException(granted + " devices were granted");
            }
            Arrays.sort(took);
            System.out.printf(
                    "{\"seconds\": %.3f, \"requests\": %d, \"conflicts\": %d, \"median\": %.3f}%n",
                    seconds, requests.get(), conflicts.get(), claims == 0 ? 0 : took[claims / 2]);
        }
    }

    private static void claim(PlacementSync sync, int number, int devices, AllocationIndex index) {
        PlacementConsumer consumer = new PlacementConsumer(UUID.randomUUID(), "INSTANCE", "bench", "bench", false);
        DeviceRequest request = new DeviceRequest(
                "vf", devices, VF, -1, -1, DeviceType.VF, Set.of(), Set.of(), DeviceRequest.Affinity.LEGACY);
        Claim claim = new Claim(
                "claim-%05d".formatted(number),
                "%05d".formatted(number),
                consumer,
                List.of(request),
                false,
                Set.of(),
                null);
        String uid = consumer.uuid().toString();
        index.registerObject(claim.name(), uid, Optional.empty(), false);
        index.putAllocation(claim.toDesiredAllocation(List.of()));
        AllocationSyncResult result = sync.executeClaim(new ClaimRequest(
                        claim, uid, 1, index, AllocationRecordStore.readOnly(AllocationRecord.NONE), Stream::of))
                .syncResult();
        if (!(result instanceof AllocationSyncResult.Evaluated evaluated) || !evaluated.wasWritten()) {
            throw new IllegalStateException(claim.name() + " was not granted: " + result);
        }
    }

    private static void makeHost(PlacementSync sync, String name) {
        List<PciDevice> devices = new ArrayList<>();
        for (int card = 0; card < CARDS; card++) {
            PciAddress pf = new PciAddress(0, card, 0, 0);
            devices.add(device(pf, DeviceType.PF, null, -1));
            for (int vf = 0; vf < VFS; vf++) {
                devices.add(device(new PciAddress(0, card, 1, vf), DeviceType.VF, pf, vf));
            }
        }
        DeviceSpec spec = new DeviceSpec(
                "vfs",
                100,
                NodeSelector.ALL,
                List.of(new Selector(-1, -1, null, null, DeviceType.VF, null)),
                VF.name(),
                List.of(),
                null,
                false,
                false,
                true,
                false,
                false,
                List.of());
        HostSyncResult outcome = sync.syncHost(SyncRequests.request(name, new HostDevices(devices), List.of(spec)));
        if (!(outcome instanceof HostSyncResult.Synced decided)
                || decided.providers().size() != CARDS) {
            throw new IllegalStateException(name + " is not in sync: " + outcome);
        }
    }

    private static PciDevice device(PciAddress address, DeviceType type, PciAddress parent, int index) {
        return new PciDevice(
                address,
                type,
                0x8086,
                type == DeviceType.VF ? 0x1515 : 0x1528,
                "020000",
                0,
                null,
                -1,
                null,
                parent,
                index,
                type == DeviceType.PF ? new PciDevice.Sriov(VFS, VFS, 0x1515) : null);
    }
}
