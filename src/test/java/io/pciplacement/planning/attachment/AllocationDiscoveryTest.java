package io.pciplacement.planning.attachment;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.AttachedServer;
import io.pciplacement.pci.AttachmentKind;
import io.pciplacement.pci.HostAttachments.Knowledge;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.allocation.DeviceRef;
import io.pciplacement.testing.Devices;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The PciAllocation of one server: when it is created, changed, kept and deleted. */
class AllocationDiscoveryTest {

    private static final UUID SERVER = new UUID(0, 1);
    private static final String GPU = "0000:81:00.0";
    private static final String OTHER_GPU = "0000:82:00.0";
    private static final DiscoveryDecision KEEP = new DiscoveryDecision.Keep();
    private static final DiscoveryDecision DELETE = new DiscoveryDecision.Delete();

    private final Map<String, Knowledge> knowledge =
            new HashMap<>(Map.of("a", Knowledge.COMPLETE, "b", Knowledge.COMPLETE));
    private final Set<DeviceRef> taken = new HashSet<>();
    private boolean isUserObject;
    private Optional<ServerOwner> ownerInPlacement = Optional.empty();

    private static AttachedServer server(@Nullable String project, String... devices) {
        TreeMap<PciAddress, AttachmentKind> attached = new TreeMap<>();
        for (String device : devices) {
            attached.put(Devices.at(device), AttachmentKind.DEVICE);
        }
        return new AttachedServer(SERVER, "web", project, project == null ? null : "u", true, attached);
    }

    private ServerSighting seenOn(String node, String... devices) {
        return new ServerSighting(node, knowledge.get(node), server("p", devices));
    }

    private static DeviceRef ref(String node, String device) {
        return new DeviceRef(node, Devices.at(device));
    }

    private static DiscoveredServer content(String node, String... devices) {
        return new DiscoveredServer(
                SERVER,
                "web",
                "p",
                "u",
                List.of(devices).stream().map(device -> ref(node, device)).toList());
    }

    private DiscoveryDecision decide(@Nullable DiscoveredServer existing, ServerSighting... sightings) {
        return new AllocationDiscovery(
                        List.of(sightings),
                        existing,
                        isUserObject,
                        taken::contains,
                        node -> Optional.ofNullable(knowledge.get(node)),
                        () -> ownerInPlacement)
                .decide();
    }

    @Test
    void objectFollowsTheServer() {
        assertThat(decide(null, seenOn("a", GPU))).isEqualTo(new DiscoveryDecision.Write(content("a", GPU)));
        assertThat(decide(content("a", GPU), seenOn("a", GPU))).isEqualTo(KEEP);
        assertThat(decide(content("a", GPU), seenOn("a", GPU, OTHER_GPU)))
                .isEqualTo(new DiscoveryDecision.Write(content("a", GPU, OTHER_GPU)));
        assertThat(decide(content("a", GPU), seenOn("b", GPU)))
                .isEqualTo(new DiscoveryDecision.Write(content("b", GPU)));
        assertThat(decide(content("a", GPU))).isEqualTo(DELETE);
        assertThat(decide(null)).isEqualTo(KEEP);
    }

    @Test
    void movingServerIsLeftAlone() {
        assertThat(decide(content("a", GPU), seenOn("a", GPU), seenOn("b", GPU)))
                .isEqualTo(KEEP);
        assertThat(decide(null, seenOn("a", GPU), seenOn("b", GPU))).isEqualTo(KEEP);
    }

    @ParameterizedTest
    @EnumSource(value = Knowledge.class, names = "COMPLETE", mode = EnumSource.Mode.EXCLUDE)
    void unknownServerIsNotAbsent(Knowledge current) {
        knowledge.put("a", current);
        assertThat(decide(content("a", GPU))).isEqualTo(KEEP);
        knowledge.remove("a");
        assertThat(decide(content("a", GPU))).as("the host does not exist").isEqualTo(DELETE);
    }

    @ParameterizedTest
    @EnumSource(
            value = Knowledge.class,
            names = {"NONE", "OUTDATED"})
    void outdatedListIsNotFollowed(Knowledge current) {
        knowledge.put("a", current);
        assertThat(decide(null, seenOn("a", GPU))).isEqualTo(KEEP);
        assertThat(decide(content("b", GPU), seenOn("a", GPU))).isEqualTo(KEEP);
    }

    @Test
    void incompleteListIsFollowedForItsServers() {
        knowledge.put("a", Knowledge.INCOMPLETE);
        assertThat(decide(null, seenOn("a", GPU))).isEqualTo(new DiscoveryDecision.Write(content("a", GPU)));
    }

    @Test
    void objectOfAUserTakesPrecedence() {
        isUserObject = true;
        assertThat(decide(null, seenOn("a", GPU))).isEqualTo(KEEP);
        assertThat(decide(content("a", GPU), seenOn("a", GPU))).isEqualTo(DELETE);
    }

    @Test
    void deviceOfAnotherObjectIsNotTaken() {
        taken.add(ref("a", GPU));
        assertThat(decide(null, seenOn("a", GPU, OTHER_GPU))).isEqualTo(KEEP);
        assertThat(decide(content("a", OTHER_GPU), seenOn("a", GPU, OTHER_GPU))).isEqualTo(KEEP);
        assertThat(decide(content("a", OTHER_GPU), seenOn("a", GPU)))
                .as("it does not have the other one any more")
                .isEqualTo(DELETE);
    }

    @Test
    void consumerIsNotChanged() {
        DiscoveredServer ofOtherProject = new DiscoveredServer(
                SERVER, "web", "other", "u", content("a", GPU).devices());
        assertThat(decide(ofOtherProject, seenOn("a", GPU))).isEqualTo(DELETE);
        assertThat(decide(
                        new DiscoveredServer(
                                SERVER, "renamed", "p", "u", content("a", GPU).devices()),
                        seenOn("a", GPU)))
                .isEqualTo(new DiscoveryDecision.Write(content("a", GPU)));
    }

    @Test
    void serverThatCannotBeRepresentedGetsNoObject() {
        assertThat(decide(null, new ServerSighting("a", Knowledge.COMPLETE, server(null, GPU))))
                .as("not created by Nova")
                .isEqualTo(KEEP);
        ownerInPlacement = Optional.of(new ServerOwner("p", "u"));
        assertThat(decide(null, new ServerSighting("a", Knowledge.COMPLETE, server(null, GPU))))
                .as("created by Nova, without the owner")
                .isEqualTo(new DiscoveryDecision.Write(content("a", GPU)));
        ownerInPlacement = Optional.empty();
        assertThat(decide(content("a", OTHER_GPU), new ServerSighting("a", Knowledge.COMPLETE, server(null, GPU))))
                .as("known from before")
                .isEqualTo(new DiscoveryDecision.Write(content("a", GPU)));
        String[] many = IntStream.rangeClosed(0, AllocationDiscovery.MAX_DEVICES)
                .mapToObj(i -> "0000:%02x:00.0".formatted(i))
                .toArray(String[]::new);
        assertThat(decide(null, seenOn("a", many))).isEqualTo(KEEP);
        assertThat(decide(null, seenOn("a"))).as("without devices").isEqualTo(KEEP);
    }

    private static Optional<String> doubt(List<ServerSighting> sightings, String... devices) {
        return AllocationDiscovery.findDoubt(sightings, content("a", devices).devices());
    }

    @Test
    void devicesAreConfirmedByTheOnlyHost() {
        assertThat(doubt(List.of(seenOn("a", GPU, OTHER_GPU)), GPU)).isEmpty();
        assertThat(doubt(List.of(seenOn("a", GPU)), GPU, OTHER_GPU)).contains("on a it has other devices");
        assertThat(doubt(List.of(seenOn("b", GPU)), GPU)).contains("on b it has other devices");
        assertThat(doubt(List.of(), GPU)).contains("no agent lists the server");
        assertThat(doubt(List.of(seenOn("b", GPU), seenOn("a", GPU)), GPU))
                .contains("it is being moved, since a and b list it");
        knowledge.put("a", Knowledge.INCOMPLETE);
        assertThat(doubt(List.of(seenOn("a", GPU)), GPU)).isEmpty();
        for (Knowledge current : List.of(Knowledge.OUTDATED, Knowledge.NONE)) {
            knowledge.put("a", current);
            assertThat(doubt(List.of(seenOn("a", GPU)), GPU)).contains("the agent of a cannot reach libvirt");
        }
    }
}
