package io.pciplacement.planning.attachment;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.AttachedServer;
import io.pciplacement.pci.AttachmentKind;
import io.pciplacement.pci.HostAttachments.Knowledge;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.allocation.DeviceRef;
import io.pciplacement.testing.Devices;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The devices of a PciAllocation compared with those that libvirt has attached. */
class AttachmentStateTest {

    private static final String GPU = "0000:81:00.0";
    private static final String OTHER_GPU = "0000:82:00.0";

    private static ServerSighting sighting(String node, Knowledge knowledge, String... devices) {
        TreeMap<PciAddress, AttachmentKind> attached = new TreeMap<>();
        for (String device : devices) {
            attached.put(Devices.at(device), AttachmentKind.DEVICE);
        }
        return new ServerSighting(node, knowledge, new AttachedServer(new UUID(0, 1), "web", "p", "u", true, attached));
    }

    private static List<DeviceRef> devices(String... devices) {
        return List.of(devices).stream()
                .map(device -> new DeviceRef("a", Devices.at(device)))
                .toList();
    }

    private static AttachmentState compare(List<DeviceRef> devices, Knowledge absent, ServerSighting... sightings) {
        return AttachmentState.compare(
                List.of(sightings), devices, node -> node.equals("a") ? Optional.of(absent) : Optional.empty());
    }

    @Test
    void knownServerHasTheDevicesOrOthers() {
        for (Knowledge knowledge : List.of(Knowledge.COMPLETE, Knowledge.INCOMPLETE)) {
            assertThat(compare(devices(OTHER_GPU, GPU), knowledge, sighting("a", knowledge, GPU, OTHER_GPU)))
                    .isEqualTo(new AttachmentState.Attached());
            assertThat(compare(devices(GPU), knowledge, sighting("a", knowledge, GPU, OTHER_GPU)))
                    .isEqualTo(new AttachmentState.Elsewhere(devices(GPU, OTHER_GPU)));
            assertThat(compare(devices(GPU), knowledge, sighting("b", knowledge, GPU)))
                    .isEqualTo(new AttachmentState.Elsewhere(List.of(new DeviceRef("b", Devices.at(GPU)))));
        }
    }

    @Test
    void unknownIsNotAbsent() {
        AttachmentState unknown = new AttachmentState.Unknown();
        for (Knowledge knowledge : List.of(Knowledge.NONE, Knowledge.OUTDATED)) {
            assertThat(compare(devices(GPU), knowledge, sighting("a", knowledge, OTHER_GPU)))
                    .isEqualTo(unknown);
        }
        for (Knowledge knowledge : List.of(Knowledge.NONE, Knowledge.OUTDATED, Knowledge.INCOMPLETE)) {
            assertThat(compare(devices(GPU), knowledge)).isEqualTo(unknown);
        }
        assertThat(compare(devices(GPU), Knowledge.COMPLETE)).isEqualTo(new AttachmentState.NotAttached());
        assertThat(compare(List.of(), Knowledge.COMPLETE)).isEqualTo(unknown);
        assertThat(compare(List.of(new DeviceRef("gone", Devices.at(GPU))), Knowledge.COMPLETE))
                .isEqualTo(unknown);
        assertThat(compare(
                        devices(GPU),
                        Knowledge.COMPLETE,
                        sighting("a", Knowledge.COMPLETE, GPU),
                        sighting("b", Knowledge.COMPLETE, GPU)))
                .as("it is being moved")
                .isEqualTo(unknown);
    }
}
