package io.pciplacement.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pciplacement.pci.AttachedServer;
import io.pciplacement.pci.AttachmentKind;
import io.pciplacement.testing.Devices;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The devices and the metadata of Nova in the XML of domains, and XML that no program should send. */
class DomainXmlParserTest {

    private static final Domain DOMAIN = new Domain("instance-00000001", new UUID(0, 1), 3);

    private static final String METADATA = """
            <metadata>
              <nova:instance xmlns:nova="http://openstack.org/xmlns/libvirt/nova/1.1">
                <nova:name>web &amp; db</nova:name>
                <nova:flavor name="m1"><nova:name>not the server's</nova:name></nova:flavor>
                <nova:owner><nova:user uuid="u1">ada</nova:user><nova:project uuid="p1">demo</nova:project></nova:owner>
              </nova:instance>
            </metadata>""";

    private static final String GPU = """
            <hostdev mode='subsystem' type='pci' managed='yes'>
              <driver name='vfio'/>
              <source><address domain='0x0000' bus='0x81' slot='0x00' function='0x0'/></source>
              <address type='pci' domain='0x0000' bus='0x07' slot='0x01' function='0x0'/>
            </hostdev>""";

    private final DomainXmlParser parser = new DomainXmlParser();

    private Optional<AttachedServer> parse(String devices) throws LibvirtException {
        return parser.parse(
                DOMAIN,
                "<domain type='kvm' id='3'><name>instance-00000001</name>%s<devices>%s</devices></domain>"
                        .formatted(METADATA, devices));
    }

    @Test
    void readsDevicesAndInterfacesOfTheHost() throws LibvirtException {
        AttachedServer server = parse(GPU + """
                <interface type='hostdev'>
                  <source><address type='pci' domain='0x10' bus='0x81' slot='0x1f' function='0x7'/></source>
                </interface>
                <interface type='bridge'><source bridge='br0'/><address type='pci' bus='0x01'/></interface>
                <interface type='vdpa'>
                  <source dev='x'><address type='pci' domain='0x0000' bus='0x02' slot='0x00' function='0x0'/></source>
                </interface>
                <hostdev mode='subsystem' type='usb'><source><address bus='1' device='3'/></source></hostdev>
                <hostdev mode='subsystem' type='mdev'><source><address uuid='x'/></source></hostdev>
                <disk><source><address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></source></disk>""").orElseThrow();
        assertThat(server.devices())
                .isEqualTo(Map.of(
                        Devices.at("0000:81:00.0"), AttachmentKind.DEVICE,
                        Devices.at("0010:81:1f.7"), AttachmentKind.INTERFACE));
        assertThat(server.uuid()).isEqualTo(DOMAIN.uuid());
        assertThat(server.running()).isTrue();
    }

    @Test
    void readsTheMetadataOfNova() throws LibvirtException {
        AttachedServer server = parse(GPU).orElseThrow();
        assertThat(server.name()).isEqualTo("web & db");
        assertThat(server.projectId()).isEqualTo("p1");
        assertThat(server.userId()).isEqualTo("u1");
    }

    @Test
    void metadataOfAnotherProgramIsIgnored() throws LibvirtException {
        String xml = "<domain>%s<devices>%s</devices></domain>".formatted(METADATA, GPU);
        AttachedServer server = parser.parse(
                        DOMAIN, xml.replace("http://openstack.org/xmlns/libvirt/nova/1.1", "other:nova"))
                .orElseThrow();
        assertThat(server.name()).isEqualTo("instance-00000001");
        assertThat(server.projectId()).isNull();
    }

    @Test
    void domainOfAnotherProgramHasItsOwnName() throws LibvirtException {
        Domain stopped = new Domain("router", new UUID(0, 2), -1);
        AttachedServer server = parser.parse(
                        stopped,
                        "<domain><metadata><name>other</name></metadata><devices>%s</devices></domain>".formatted(GPU))
                .orElseThrow();
        assertThat(server.name()).isEqualTo("router");
        assertThat(server.projectId()).isNull();
        assertThat(server.userId()).isNull();
        assertThat(server.running()).isFalse();
    }

    @Test
    void domainWithoutDevicesIsNotListed() throws LibvirtException {
        assertThat(parse("<disk type='file'/>")).isEmpty();
        assertThat(parser.parse(DOMAIN, "<domain/>")).isEmpty();
    }

    /** Of a controller whose addresses the device list cannot contain. */
    @Test
    void deviceInADomainOfFiveDigitsIsIgnored() throws LibvirtException {
        assertThat(parse(GPU.replace("domain='0x0000' bus='0x81'", "domain='0x10000' bus='0x81'")))
                .isEmpty();
    }

    @Test
    void controlCharactersOfANameAreReplaced() throws LibvirtException {
        String name = "x".repeat(200) + "\u202e\u2028";
        String xml = "<domain>%s<devices>%s</devices></domain>".formatted(METADATA, GPU);
        assertThat(parser.parse(DOMAIN, xml.replace("web &amp; db", "a\u202e\ud83d\ude00b"))
                        .orElseThrow()
                        .name())
                .isEqualTo("a??b");
        assertThat(parser.parse(DOMAIN, xml.replace("web &amp; db", name))
                        .orElseThrow()
                        .name())
                .hasSize(DomainXmlParser.MAX_NAME_LENGTH);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "garbage",
                "<domain",
                "<domain><devices></domain>",
                "<network/>",
                "<!DOCTYPE domain><domain/>",
                "<!DOCTYPE domain [<!ENTITY x \"y\">]><domain><name>&x;</name></domain>",
                "<!DOCTYPE domain SYSTEM \"file:///etc/passwd\"><domain/>",
                "<domain><metadata>&undefined;</metadata></domain>"
            })
    void otherTextIsInvalid(String xml) {
        assertThatThrownBy(() -> parser.parse(DOMAIN, xml)).isInstanceOf(LibvirtException.InvalidDomain.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"slot='0x20'", "slot='-1'", "slot='x'", "slot='0x100000000'", "slot=''"})
    void invalidAddressIsNotIgnored(String slot) {
        assertThatThrownBy(() -> parse(GPU.replace("slot='0x00'", slot)))
                .isInstanceOf(LibvirtException.InvalidDomain.class)
                .hasMessageStartingWith("it has a device whose slot is ");
    }

    @Test
    void depthAndNumberOfDevicesAreLimited() {
        assertThatThrownBy(() -> parser.parse(DOMAIN, "<domain>".repeat(1000) + "</domain>".repeat(1000)))
                .hasMessageContaining("nested too deeply");
        StringBuilder devices = new StringBuilder();
        for (int i = 0; i <= DomainXmlParser.MAX_DEVICES; i++) {
            devices.append(GPU.replace("slot='0x00' function", "slot='%d' function".formatted(i % 32))
                    .replace("bus='0x81'", "bus='%d'".formatted(i / 32)));
        }
        assertThatThrownBy(() -> parse(devices.toString())).hasMessageContaining("more than 256 devices");
    }
}
