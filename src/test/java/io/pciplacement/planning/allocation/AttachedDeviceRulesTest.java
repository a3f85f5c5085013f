package io.pciplacement.planning.allocation;

import static io.pciplacement.testing.Specs.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.AttachedServer;
import io.pciplacement.pci.AttachmentKind;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostAttachments;
import io.pciplacement.pci.HostAttachments.Knowledge;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.SyncedHosts;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Units of attached devices are not removed: two VFs of a PF are attached to the server. */
class AttachedDeviceRulesTest {

    private static final UUID SERVER = new UUID(2, 1);
    private static final ResourceClass VF = new ResourceClass("CUSTOM_VF");
    private static final HostDevices DEVICES =
            new Devices().pfWithVfs(1, 4).pfWithVfs(2, 4).build();

    private final HostCapacity.Available host = SyncedHosts.host(
            "a",
            new UUID(1, 1),
            DEVICES,
            List.of(spec("vfs").address("0000:81:*", DeviceType.VF).as("vf").named()),
            Map.of());

    private HostCapacity.Available attached(Knowledge knowledge, UUID server, String... addresses) {
        TreeMap<PciAddress, AttachmentKind> devices = new TreeMap<>();
        for (String address : addresses) {
            devices.put(Devices.at(address), AttachmentKind.DEVICE);
        }
        return new HostCapacity.Available(
                host.node(),
                host.root(),
                host.devices(),
                host.providers(),
                false,
                new HostAttachments(knowledge, List.of(new AttachedServer(server, "web", "p", "u", true, devices))),
                Set.of());
    }

    private AllocationDelta delta(String pf, int desired, int actual) {
        ProviderCapacity provider = host.providers().get(Devices.at(pf));
        return new AllocationDelta(SERVER, provider.name(), provider.uuid(), VF, desired, actual);
    }

    @Test
    void unitsOfAttachedDevicesAreNotRemoved() {
        AllocationDelta tooMany = delta("0000:81:01.0", 1, 3);
        for (Knowledge knowledge : List.of(Knowledge.COMPLETE, Knowledge.INCOMPLETE, Knowledge.OUTDATED)) {
            HostCapacity.Available two = attached(knowledge, SERVER, "0000:81:01.1", "0000:81:01.2");
            assertThat(AttachedDeviceRules.findAttachedRemovals(List.of(host, two), List.of(tooMany)))
                    .contains(new AllocationProblem.DeviceAttached(SERVER, List.of(tooMany)));
            assertThat(AttachedDeviceRules.findAttachedRemovals(
                            List.of(two), List.of(delta("0000:81:01.0", 2, 3), delta("0000:81:02.0", 0, 1))))
                    .as("without a device")
                    .isEmpty();
        }
    }

    @Test
    void otherUnitsMayBeRemoved() {
        List<AllocationDelta> removal = List.of(delta("0000:81:01.0", 0, 2));
        assertThat(AttachedDeviceRules.findAttachedRemovals(List.of(host), removal))
                .isEmpty();
        assertThat(AttachedDeviceRules.findAttachedRemovals(
                        List.of(attached(Knowledge.COMPLETE, new UUID(2, 2), "0000:81:01.1")), removal))
                .as("attached to another server")
                .isEmpty();
        assertThat(AttachedDeviceRules.findAttachedRemovals(
                        List.of(attached(Knowledge.COMPLETE, SERVER, "0000:81:01.1")),
                        List.of(delta("0000:81:01.0", 0, 0), delta("0000:81:02.0", 2, 1))))
                .as("nothing is removed")
                .isEqualTo(Optional.empty());
    }
}
