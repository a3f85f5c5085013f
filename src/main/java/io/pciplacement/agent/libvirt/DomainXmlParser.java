package io.pciplacement.agent.libvirt;

import io.pciplacement.agent.sysfs.PrintableText;
import io.pciplacement.pci.AttachedServer;
import io.pciplacement.pci.AttachmentKind;
import io.pciplacement.pci.PciAddress;
import java.io.StringReader;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * Parser of the XML of a domain: its PCI devices of the host, and Nova's metadata. The text is from a program that
 * tenants influence, so it is read as a stream, without document types and entities.
 *
 * @see <a href="https://libvirt.org/formatdomain.html#host-device-assignment">Format of a domain</a>
 */
final class DomainXmlParser {

    static final int MAX_NAME_LENGTH = 128;
    static final int MAX_ID_LENGTH = 64;

    /** More than a domain can have. */
    static final int MAX_DEVICES = 256;

    private static final int MAX_DEPTH = 64;

    /** Followed by the version of the metadata. */
    private static final String NOVA_NAMESPACE = "http://openstack.org/xmlns/libvirt/nova/";

    private final XMLInputFactory factory = XMLInputFactory.newDefaultFactory();

    DomainXmlParser() {
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
    }

    /**
     * Parses a domain.
     *
     * @return empty if no device of the host is attached to it
     * @throws LibvirtException.InvalidDomain if the text is not the XML of a domain
     */
    Optional<AttachedServer> parse(Domain domain, String xml) throws LibvirtException.InvalidDomain {
        try {
            XMLStreamReader reader = factory.createXMLStreamReader(new StringReader(xml));
            try {
                return new Pass(reader).parse(domain);
            } finally {
                reader.close();
            }
        } catch (XMLStreamException e) {
            throw new LibvirtException.InvalidDomain("its XML cannot be parsed", e);
        }
    }

    /** One pass over a document. */
    private static final class Pass {

        private final XMLStreamReader xml;
        /** Names of the open elements, the innermost last; those of Nova with a prefix. */
        private final Deque<String> path = new ArrayDeque<>();

        private final SortedMap<PciAddress, AttachmentKind> devices = new TreeMap<>();
        private @Nullable AttachmentKind kind;
        private @Nullable String name;
        private @Nullable String project;
        private @Nullable String user;

        Pass(XMLStreamReader xml) {
            this.xml = xml;
        }

        Optional<AttachedServer> parse(Domain domain) throws XMLStreamException, LibvirtException.InvalidDomain {
            boolean isDomain = false;
            while (xml.hasNext()) {
                switch (xml.next()) {
                    case XMLStreamConstants.START_ELEMENT -> {
                        path.addLast(elementName());
                        if (path.size() > MAX_DEPTH) {
                            throw new LibvirtException.InvalidDomain("its XML is nested too deeply");
                        }
                        isDomain |= path.size() == 1 && path.getLast().equals("domain");
                        startElement(String.join("/", path));
                    }
                    case XMLStreamConstants.END_ELEMENT -> path.removeLast();
                    case XMLStreamConstants.DTD, XMLStreamConstants.ENTITY_REFERENCE ->
                        throw new LibvirtException.InvalidDomain("its XML has a document type or an entity");
                    default -> {}
                }
            }
            if (!isDomain) {
                throw new LibvirtException.InvalidDomain("its XML does not describe a domain");
            }
            return devices.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new AttachedServer(
                            domain.uuid(),
                            PrintableText.sanitize(name == null ? domain.name() : name, MAX_NAME_LENGTH),
                            project,
                            user,
                            domain.isRunning(),
                            devices));
        }

        private String elementName() {
            String namespace = xml.getNamespaceURI();
            boolean isOfNova = namespace != null && namespace.startsWith(NOVA_NAMESPACE);
            return isOfNova ? "nova:" + xml.getLocalName() : xml.getLocalName();
        }

        private void startElement(String at) throws XMLStreamException, LibvirtException.InvalidDomain {
            switch (at) {
                case "domain/devices/hostdev" ->
                    kind = "pci".equals(attribute("type")) && "subsystem".equals(attribute("mode"))
                            ? AttachmentKind.DEVICE
                            : null;
                case "domain/devices/interface" ->
                    kind = "hostdev".equals(attribute("type")) ? AttachmentKind.INTERFACE : null;
                case "domain/devices/hostdev/source/address", "domain/devices/interface/source/address" -> {
                    if (kind != null) {
                        addDevice(kind);
                    }
                }
                case "domain/metadata/nova:instance/nova:name" -> {
                    name = xml.getElementText();
                    path.removeLast();
                }
                case "domain/metadata/nova:instance/nova:owner/nova:project" -> project = identifier();
                case "domain/metadata/nova:instance/nova:owner/nova:user" -> user = identifier();
                default -> {}
            }
        }

        private void addDevice(AttachmentKind attachmentKind) throws LibvirtException.InvalidDomain {
            int domain = number("domain", Integer.MAX_VALUE);
            if (domain > PciAddress.MAX_DOMAIN) {
                // Of a VMD controller: not in the device list either.
                return;
            }
            devices.put(
                    new PciAddress(
                            domain,
                            number("bus", PciAddress.MAX_BUS),
                            number("slot", PciAddress.MAX_SLOT),
                            number("function", PciAddress.MAX_FUNCTION)),
                    attachmentKind);
            if (devices.size() > MAX_DEVICES) {
                throw new LibvirtException.InvalidDomain("it has more than " + MAX_DEVICES + " devices");
            }
        }

        private int number(String attribute, int max) throws LibvirtException.InvalidDomain {
            String text = attribute(attribute);
            try {
                int value = text == null ? 0 : Integer.decode(text);
                if (value >= 0 && value <= max) {
                    return value;
                }
            } catch (NumberFormatException e) {
                // Reported below.
            }
            throw new LibvirtException.InvalidDomain("it has a device whose " + attribute + " is "
                    + PrintableText.sanitize(String.valueOf(text), MAX_ID_LENGTH));
        }

        private @Nullable String identifier() {
            String uuid = attribute("uuid");
            return uuid == null || uuid.isEmpty() ? null : PrintableText.sanitize(uuid, MAX_ID_LENGTH);
        }

        private @Nullable String attribute(String attribute) {
            return xml.getAttributeValue(null, attribute);
        }
    }
}
