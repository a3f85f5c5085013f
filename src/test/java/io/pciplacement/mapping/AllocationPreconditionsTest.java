package io.pciplacement.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.pci.AttachedServer;
import io.pciplacement.pci.AttachmentKind;
import io.pciplacement.pci.HostAttachments.Knowledge;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.planning.allocation.DeviceRef;
import io.pciplacement.planning.attachment.DiscoveredServer;
import io.pciplacement.planning.attachment.ServerSighting;
import io.pciplacement.sync.index.AllocationIndex;
import io.pciplacement.testing.Devices;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The object of a discovered server is synced only while libvirt confirms its devices. */
class AllocationPreconditionsTest {

    private static final UUID SERVER = new UUID(0, 1);
    private static final DeviceRef GPU = new DeviceRef("a", Devices.at("0000:81:00.0"));
    private static final ServerSighting SEEN = new ServerSighting(
            "a",
            Knowledge.COMPLETE,
            new AttachedServer(
                    SERVER, "web", "p", "u", true, new TreeMap<>(Map.of(GPU.address(), AttachmentKind.DEVICE))));

    private static Optional<AllocationProblem> violation(boolean discovered, ServerSighting... sightings) {
        PciAllocation object =
                DiscoveredAllocationMapper.toObject(new DiscoveredServer(SERVER, "web", "p", "u", List.of(GPU)), null);
        if (!discovered) {
            object.setMetadata(new ObjectMetaBuilder(object.getMetadata())
                    .withLabels(Map.of())
                    .build());
        }
        return AllocationPreconditions.findViolation(
                object,
                PciAllocationMapper.toDesiredAllocation(object),
                new AllocationIndex(),
                AllocationRecord.NONE,
                server -> server.equals(SERVER) ? List.of(sightings) : List.of());
    }

    @Test
    void devicesMustBeConfirmed() {
        assertThat(violation(true, SEEN)).isEmpty();
        assertThat(violation(true))
                .contains(new AllocationProblem.AttachmentUnconfirmed(SERVER, "no agent lists the server"));
        assertThat(violation(false)).as("an object of a user").isEmpty();
    }
}
