package io.pciplacement.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.pci.AttachedServer;
import io.pciplacement.pci.AttachmentKind;
import io.pciplacement.pci.HostAttachments;
import io.pciplacement.pci.HostAttachments.Knowledge;
import io.pciplacement.testing.Devices;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttachmentMapperTest {

    private static final String SERVERS = """
              attachments:
              - serverUuid: 00000000-0000-0000-0000-000000000001
                serverName: web
                projectId: p
                userId: u
                running: true
                devices: [{address: "0000:81:00.0", kind: Device}, {address: "0000:81:01.0", kind: Interface}]
              - serverUuid: 00000000-0000-0000-0000-000000000002
                devices: [{address: "0000:81:00.0", kind: NotInventedYet}]
            """;

    private static HostAttachments parse(String status) throws JsonProcessingException {
        return AttachmentMapper.toAttachments(new ObjectMapper(new YAMLFactory())
                .readValue("metadata: {name: h}\n" + status, HostPciInventory.class));
    }

    private static HostAttachments parse(String libvirt, String attachments) throws JsonProcessingException {
        return parse("status:\n  agent: {libvirt: {lastTransitionTime: t, %s}}\n".formatted(libvirt) + attachments);
    }

    @Test
    void readsServers() throws JsonProcessingException {
        HostAttachments attachments = parse("reachable: true", SERVERS);
        AttachedServer web = new AttachedServer(
                new UUID(0, 1),
                "web",
                "p",
                "u",
                true,
                new TreeMap<>(Map.of(
                        Devices.at("0000:81:00.0"), AttachmentKind.DEVICE,
                        Devices.at("0000:81:01.0"), AttachmentKind.INTERFACE)));
        AttachedServer other = new AttachedServer(
                new UUID(0, 2),
                "00000000-0000-0000-0000-000000000002",
                null,
                null,
                false,
                new TreeMap<>(Map.of(Devices.at("0000:81:00.0"), AttachmentKind.DEVICE)));
        assertThat(attachments.servers()).containsExactly(web, other);
        assertThat(attachments.serversWith(Devices.at("0000:81:00.0"))).containsExactly(web, other);
        assertThat(attachments.serversWith(Devices.at("0000:81:01.0"))).containsExactly(web);
        assertThat(attachments.serversWith(Devices.at("0000:81:02.0"))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "'reachable: true', COMPLETE",
        "'reachable: true, incomplete: false', COMPLETE",
        "'reachable: true, incomplete: true', INCOMPLETE",
        "'reachable: false', OUTDATED",
        "'reachable: false, incomplete: true', OUTDATED"
    })
    void knowledgeDependsOnLibvirt(String libvirt, Knowledge expected) throws JsonProcessingException {
        assertThat(parse(libvirt, "  attachments: []").knowledge()).isEqualTo(expected);
    }

    @Test
    void withoutAListNothingIsKnown() throws JsonProcessingException {
        assertThat(parse("")).isEqualTo(HostAttachments.UNKNOWN);
        assertThat(parse("status: {agent: {version: x}}")).isEqualTo(HostAttachments.UNKNOWN);
        assertThat(parse("reachable: true", "")).isEqualTo(HostAttachments.UNKNOWN);
        assertThat(parse("status:\n" + SERVERS)).isEqualTo(HostAttachments.UNKNOWN);
    }

    /** The CRD rejects them. */
    @Test
    void invalidEntriesAreIgnored() throws JsonProcessingException {
        assertThat(parse("reachable: true", "  attachments: [{serverUuid: x, devices: []}]")
                        .servers())
                .isEmpty();
        assertThat(parse(
                                "reachable: true",
                                "  attachments: [{serverUuid: 00000000-0000-0000-0000-000000000001, devices: [{address: x, kind: Device}]}]")
                        .servers()
                        .getFirst()
                        .devices())
                .isEmpty();
    }
}
