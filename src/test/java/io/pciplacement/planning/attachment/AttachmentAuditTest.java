package io.pciplacement.planning.attachment;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.AttachedServer;
import io.pciplacement.pci.AttachmentKind;
import io.pciplacement.pci.HostAttachments;
import io.pciplacement.pci.HostAttachments.Knowledge;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.testing.Devices;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Differences between attachments and allocations: one GPU, and a PF with two VFs, whose providers are tracked. */
class AttachmentAuditTest {

    private static final String GPU = "0000:81:00.0";
    private static final String PF = "0000:81:03.0";
    private static final String FIRST_VF = "0000:81:03.1";
    private static final String SECOND_VF = "0000:81:03.2";
    private static final HostDevices DEVICES =
            Devices.host(Devices.pci(GPU), Devices.pf(PF), Devices.vf(FIRST_VF, PF), Devices.vf(SECOND_VF, PF));
    private static final UUID OTHER = new UUID(0, 9);

    private final Set<UUID> migrations = new HashSet<>();

    private static AttachedServer server(int number, String... devices) {
        TreeMap<PciAddress, AttachmentKind> addresses = new TreeMap<>();
        for (String device : devices) {
            addresses.put(Devices.at(device), AttachmentKind.DEVICE);
        }
        return new AttachedServer(new UUID(0, number), "server-" + number, "p", "u", true, addresses);
    }

    private static HostAttachments complete(AttachedServer... servers) {
        return new HostAttachments(Knowledge.COMPLETE, List.of(servers));
    }

    private List<AttachmentDifference> compare(
            HostAttachments attachments,
            Map<String, Map<UUID, Integer>> units,
            Set<String> tracked,
            HostAttachments... otherHosts) {
        Map<PciAddress, Map<UUID, Integer>> byAddress = new TreeMap<>();
        units.forEach((address, byConsumer) -> byAddress.put(Devices.at(address), byConsumer));
        Set<PciAddress> trackedAddresses = new TreeSet<>();
        tracked.forEach(address -> trackedAddresses.add(Devices.at(address)));
        List<HostAttachments> cloud = new ArrayList<>(List.of(otherHosts));
        cloud.add(attachments);
        return new AttachmentAudit(AttachmentAudit.movingServers(cloud)::contains, migrations::contains)
                .compare(new AttachmentAudit.Host("host", DEVICES, attachments, trackedAddresses, byAddress));
    }

    private List<AttachmentDifference> compare(
            HostAttachments attachments, Map<UUID, Integer> gpuUnits, Map<UUID, Integer> vfUnits) {
        return compare(attachments, Map.of(GPU, gpuUnits, PF, vfUnits), Set.of(GPU, PF));
    }

    @Test
    void equalDevicesAndUnitsAreNoDifference() {
        AttachedServer first = server(1, GPU);
        AttachedServer second = server(2, FIRST_VF, SECOND_VF);
        assertThat(compare(complete(first, second), Map.of(first.uuid(), 1), Map.of(second.uuid(), 2)))
                .isEmpty();
        assertThat(compare(complete(), Map.of(), Map.of())).isEmpty();
    }

    @Test
    void missingUnitsAreListed() {
        AttachedServer server = server(1, FIRST_VF, SECOND_VF);
        assertThat(compare(complete(server), Map.of(), Map.of(server.uuid(), 1)))
                .containsExactly(new AttachmentDifference.AttachedNotAllocated(
                        server,
                        "host_0000:81:03.0",
                        new TreeSet<>(server.devices().keySet()),
                        1));
        assertThat(compare(complete(server(1, GPU)), Map.of(OTHER, 1), Map.of()))
                .hasSize(2)
                .hasAtLeastOneElementOfType(AttachmentDifference.AttachedNotAllocated.class)
                .contains(new AttachmentDifference.AllocatedNotAttached(OTHER, "host_0000:81:00.0", 1));
    }

    @Test
    void missingDevicesAreListed() {
        AttachedServer server = server(1, FIRST_VF);
        assertThat(compare(complete(server), Map.of(OTHER, 1), Map.of(server.uuid(), 2)))
                .containsExactly(
                        new AttachmentDifference.AllocatedNotAttached(OTHER, "host_0000:81:00.0", 1),
                        new AttachmentDifference.AllocatedNotAttached(server.uuid(), "host_0000:81:03.0", 1));
    }

    /** The source's allocation during a move. */
    @Test
    void migrationNeedsNoDevices() {
        migrations.add(OTHER);
        assertThat(compare(complete(), Map.of(OTHER, 1), Map.of())).isEmpty();
    }

    @Test
    void serverOnTwoHostsIsNotCompared() {
        AttachedServer server = server(1, GPU);
        HostAttachments here = complete(server);
        HostAttachments there = new HostAttachments(Knowledge.OUTDATED, List.of(server(1, FIRST_VF)));
        Map<String, Map<UUID, Integer>> none = Map.of(GPU, Map.of(), PF, Map.of());
        Map<String, Map<UUID, Integer>> other = Map.of(GPU, Map.of(), PF, Map.of(server.uuid(), 1));
        assertThat(compare(here, none, Set.of(GPU, PF), there)).isEmpty();
        assertThat(compare(here, other, Set.of(GPU, PF), there)).isEmpty();
        assertThat(compare(here, other, Set.of(GPU, PF))).hasSize(2);
    }

    @Test
    void deviceOfSeveralServersIsListed() {
        AttachedServer first = server(1, GPU);
        AttachedServer second = server(2, GPU);
        assertThat(compare(complete(first, second), Map.of(first.uuid(), 1, second.uuid(), 1), Map.of()))
                .containsExactly(new AttachmentDifference.AttachedTwice(Devices.at(GPU), List.of(first, second)));
    }

    @Test
    void deviceWithoutASpecIsListed() {
        AttachedServer server = server(1, GPU, FIRST_VF);
        assertThat(compare(complete(server), Map.of(PF, Map.of(server.uuid(), 1)), Set.of(PF)))
                .containsExactly(new AttachmentDifference.AttachedNotTracked(server, Devices.at(GPU)));
        // Not written yet, or another client's: its allocations are unknown.
        assertThat(compare(complete(server), Map.of(PF, Map.of(server.uuid(), 1)), Set.of(PF, GPU)))
                .isEmpty();
        // Not in the device list.
        AttachedServer unknown = server(2, "0000:99:00.0");
        assertThat(compare(complete(unknown), Map.of(), Set.of()))
                .containsExactly(new AttachmentDifference.AttachedNotTracked(unknown, Devices.at("0000:99:00.0")));
    }

    /** Unknown is not absent. */
    @ParameterizedTest
    @EnumSource(Knowledge.class)
    void onlyWhatIsKnownIsCompared(Knowledge knowledge) {
        AttachedServer server = server(1, FIRST_VF);
        List<AttachmentDifference> differences =
                compare(new HostAttachments(knowledge, List.of(server)), Map.of(OTHER, 1), Map.of());
        assertThat(differences.stream().anyMatch(AttachmentDifference.AttachedNotAllocated.class::isInstance))
                .isEqualTo(knowledge == Knowledge.COMPLETE || knowledge == Knowledge.INCOMPLETE);
        assertThat(differences.stream().anyMatch(AttachmentDifference.AllocatedNotAttached.class::isInstance))
                .isEqualTo(knowledge == Knowledge.COMPLETE);
    }
}
