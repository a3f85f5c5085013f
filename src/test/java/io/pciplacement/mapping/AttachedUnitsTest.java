package io.pciplacement.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec.RootProvider;
import io.pciplacement.pci.AttachedServer;
import io.pciplacement.pci.AttachmentKind;
import io.pciplacement.pci.HostAttachments.Knowledge;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.attachment.ServerSighting;
import io.pciplacement.testing.Devices;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AttachedUnitsTest {

    private static final HostDevices DEVICES =
            new Devices().plain(1).pfWithVfs(2, 4).build();
    private static final HostPciInventory HOST = host("gpu-07", null);
    private static final HostPciInventory RENAMED = host("gpu-08", "gpu-08.example.com");

    private static HostPciInventory host(String name, String rootProvider) {
        HostPciInventory host = new HostPciInventory();
        host.getMetadata().setName(name);
        host.setSpec(new HostPciInventorySpec(
                HostPciInventorySpec.ReportingMode.ENABLED,
                new RootProvider(rootProvider, null),
                null,
                null,
                null,
                null,
                null));
        return host;
    }

    private static ServerSighting sighting(String node, Knowledge knowledge, String... addresses) {
        TreeMap<PciAddress, AttachmentKind> devices = new TreeMap<>();
        for (String address : addresses) {
            devices.put(Devices.at(address), AttachmentKind.DEVICE);
        }
        return new ServerSighting(node, knowledge, new AttachedServer(new UUID(0, 1), "web", "p", "u", true, devices));
    }

    private static Map<String, Integer> count(ServerSighting... sightings) {
        return AttachedUnits.countByProvider(
                List.of(sightings),
                name -> Optional.ofNullable(
                        Map.of("gpu-07", HOST, "gpu-08", RENAMED).get(name)),
                host -> DEVICES);
    }

    /** A list that is old or incomplete contains devices that are attached, as far as is known. */
    @ParameterizedTest
    @EnumSource(value = Knowledge.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void allListsFromLibvirtCount(Knowledge knowledge) {
        assertThat(count(sighting("gpu-07", knowledge, "0000:81:02.1"))).isEqualTo(Map.of("gpu-07_0000:81:02.0", 1));
    }

    @Test
    void vfsCountForThePfAndBelowTheRootProviderOfTheirHost() {
        assertThat(count(
                        sighting("gpu-07", Knowledge.COMPLETE, "0000:81:02.1", "0000:81:02.3", "0000:81:01.0"),
                        sighting("gpu-08", Knowledge.OUTDATED, "0000:81:02.2")))
                .isEqualTo(Map.of(
                        "gpu-07_0000:81:02.0", 2, "gpu-07_0000:81:01.0", 1, "gpu-08.example.com_0000:81:02.0", 1));
    }

    /** A card that has been removed may still have its provider, and the server its units. */
    @Test
    void devicesThatAreNoLongerOnTheHostCount() {
        assertThat(count(sighting("gpu-07", Knowledge.COMPLETE, "0000:99:00.0")))
                .isEqualTo(Map.of("gpu-07_0000:99:00.0", 1));
    }

    @Test
    void listsThatAreNotFromLibvirtAndThoseOfUnknownHostsDoNotCount() {
        assertThat(count(
                        sighting("gpu-07", Knowledge.NONE, "0000:81:02.1"),
                        sighting("deleted", Knowledge.COMPLETE, "0000:81:02.1")))
                .isEmpty();
    }
}
