package io.pciplacement.operator.sync;

import static io.pciplacement.testing.Specs.spec;

import io.pciplacement.operator.sync.HostOutcome.Decided;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.Adoption;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.HeldDevices;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.FakePlacement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/** The host gpu-07 beside a Placement in memory, and the operator's part that syncs it. */
final class OneHost implements AutoCloseable {

    static final ResourceClass PLAIN = new ResourceClass("CUSTOM_PCI_8086_1533");
    static final DeviceSpec PLAIN_SPEC = spec("plain").product(Devices.PCI).build();

    final FakePlacement placement = new FakePlacement();
    final ExecutorService pool = Executors.newFixedThreadPool(4);
    PlacementSync sync = anew(Marks.DEFAULT);

    OneHost() {
        placement.requests.clear();
    }

    /** The operator's process is another, and remembers nothing. */
    void restart(Marks marks) {
        sync = anew(marks);
    }

    private PlacementSync anew(Marks marks) {
        PlacementSync anew = new PlacementSync(placement, marks, pool);
        anew.sweep();
        return anew;
    }

    static HostDevices plain(int count) {
        List<PciDevice> devices = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            devices.add(Devices.pci("0000:%02x:%02x.0".formatted(i / 32, i % 32)));
        }
        return new HostDevices(devices);
    }

    static HostRequest request(HostDevices devices, DeviceSpec... specs) {
        return new HostRequest("gpu-07", "gpu-07", true, true, devices, List.of(specs), Map.of());
    }

    static HostRequest remembering(Decided before, HostDevices devices, DeviceSpec... specs) {
        Map<String, Remembered> remembered = before.providers().stream()
                .collect(Collectors.toMap(result -> result.decision().name(), HostOutcome.ProviderResult::remembered));
        return new HostRequest("gpu-07", "gpu-07", true, true, devices, List.of(specs), remembered);
    }

    static HostRequest adopting(Adoption.Mode mode, DeviceSpec... specs) {
        return new HostRequest(
                "gpu-07",
                "gpu-07",
                true,
                true,
                null,
                plain(2),
                List.of(specs),
                HostRecord.NONE,
                HeldDevices.NONE,
                mode);
    }

    Decided decided(HostRequest request) {
        return (Decided) sync.sync(request);
    }

    void allocate(UUID consumer, UUID provider, ResourceClass rc) {
        placement.putAllocations(Map.of(
                consumer, new Allocation(Map.of(provider, Map.of(rc, 1)), "project", "user", null, "INSTANCE")));
    }

    @Override
    public void close() {
        pool.shutdownNow();
    }
}
