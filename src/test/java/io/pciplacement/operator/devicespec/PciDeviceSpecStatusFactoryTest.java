package io.pciplacement.operator.devicespec;

import static io.pciplacement.testing.Specs.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.operator.cluster.HostResultCache;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.planning.NormalizedSpec;
import io.pciplacement.sync.PlacementSync;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.FakePlacement;
import io.pciplacement.testing.Specs;
import io.pciplacement.testing.SyncRequests;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The resource class that a spec's status and its column show. */
class PciDeviceSpecStatusFactoryTest {

    @AutoClose
    private final ExecutorService pool = Executors.newFixedThreadPool(1);

    private String resourceClass(Specs specs, HostDevices devices) {
        PlacementSync sync = new PlacementSync(new FakePlacement(), OwnershipTraits.DEFAULT, pool);
        sync.runSweep();
        HostSyncResult syncResult = sync.syncHost(SyncRequests.request("host", devices, List.of(specs.build())));
        NormalizedSpec normalized = specs.named();
        PciDeviceSpec object = new PciDeviceSpec();
        object.setMetadata(new ObjectMetaBuilder()
                .withName(normalized.specName())
                .withGeneration(1L)
                .build());
        PciDeviceSpecStatusFactory factory = new PciDeviceSpecStatusFactory(object, normalized, Instant.EPOCH);
        factory.addHost(
                "host",
                Optional.of(new HostResultCache.HostSyncRecord(syncResult, true, Map.of(normalized.specName(), 1L))));
        return factory.createStatus().resourceClass();
    }

    @Test
    void showsDerivedClassesIfTheSpecHasNone() {
        HostDevices devices = new Devices().plain(0).pfWithVfs(2, 2).build();
        assertThat(resourceClass(spec("named").product(Devices.VF).as("nic"), devices))
                .isEqualTo("CUSTOM_NIC");
        assertThat(resourceClass(spec("vfs").product(Devices.VF), devices)).isEqualTo("CUSTOM_PCI_8086_1515");
        assertThat(resourceClass(spec("all").address("0000:81:00.0"), devices)).isEqualTo("CUSTOM_PCI_8086_1533");
        assertThat(resourceClass(spec("none").address("0000:99:00.0"), devices)).isNull();
    }
}
