package io.pciplacement.novaconf.export;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pciplacement.api.v1alpha1.PciDeviceSpecSpec.AddressRegexSpec;
import io.pciplacement.api.v1alpha1.PciDeviceSpecSpec.SelectorSpec;
import io.pciplacement.novaconf.PortableRegex;
import io.pciplacement.novaconf.UntranslatableException;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.pci.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Writer of one selector as entries of {@code [pci]device_spec}. */
record NovaEntryWriter(SelectorSpec selectorSpec, Selector selector, boolean remoteManaged) {

    /** The entries; empty if the selector is replaced by the addresses of its devices, and the node has none. */
    List<ObjectNode> toEntries(@Nullable HostDevices host) throws UntranslatableException {
        TreeSet<String> unsupported = unsupportedFields();
        if (unsupported.isEmpty()) {
            return List.of(toDirectEntry());
        }
        if (host == null) {
            throw new UntranslatableException(
                    "a nova.conf cannot select by %s; specify a node, and its current devices are listed individually"
                            .formatted(String.join(", ", unsupported)));
        }
        List<ObjectNode> entries = new ArrayList<>();
        for (PciDevice device : host.devices()) {
            if (selector.matches(device)) {
                entries.add(toSingleDeviceEntry(device));
            }
        }
        return entries;
    }

    private TreeSet<String> unsupportedFields() {
        TreeSet<String> unsupported = new TreeSet<>();
        if (selectorSpec.parentAddress() != null) {
            unsupported.add("parentAddress");
        }
        if (selectorSpec.serialNumber() != null) {
            unsupported.add("serialNumber");
        }
        // In Nova remote_managed implies VFs.
        if (selectorSpec.deviceType() != null && !(remoteManaged && selectorSpec.deviceType() == DeviceType.VF)) {
            unsupported.add("deviceType");
        }
        return unsupported;
    }

    private ObjectNode toDirectEntry() throws UntranslatableException {
        ObjectNode entry = JsonNodeFactory.instance.objectNode();
        if (selectorSpec.vendorId() != null) {
            entry.put("vendor_id", selectorSpec.vendorId().toLowerCase(Locale.ROOT));
        }
        if (selectorSpec.productId() != null) {
            entry.put("product_id", selectorSpec.productId().toLowerCase(Locale.ROOT));
        }
        AddressRegexSpec regex = selectorSpec.addressRegex();
        if (selectorSpec.address() != null) {
            entry.put("address", selectorSpec.address());
        } else if (regex != null) {
            ObjectNode mapping = entry.putObject("address");
            putRegex(mapping, "domain", regex.domain());
            putRegex(mapping, "bus", regex.bus());
            putRegex(mapping, "slot", regex.slot());
            putRegex(mapping, "function", regex.function());
        }
        return entry;
    }

    private static void putRegex(ObjectNode mapping, String field, @Nullable String regex)
            throws UntranslatableException {
        if (regex == null) {
            return;
        }
        if (!PortableRegex.isPortable(regex)) {
            throw new UntranslatableException(
                    "addressRegex.%s: not supported by Python, or with a different meaning: %s"
                            .formatted(field, regex));
        }
        mapping.put(field, regex);
    }

    /**
     * Entry for a single device. In Nova, the plain address of a PF also matches those of its VFs that have the same
     * IDs.
     */
    static ObjectNode toSingleDeviceEntry(PciDevice device) {
        ObjectNode entry = JsonNodeFactory.instance.objectNode();
        entry.put("vendor_id", PciDevice.formatId(device.vendorId()));
        entry.put("product_id", PciDevice.formatId(device.productId()));
        PciAddress address = device.address();
        if (device.type() == DeviceType.PF) {
            entry.putObject("address")
                    .put("domain", "%04x".formatted(address.domain()))
                    .put("bus", "%02x".formatted(address.bus()))
                    .put("slot", "%02x".formatted(address.slot()))
                    .put("function", "[%x]".formatted(address.function()));
        } else {
            entry.put("address", address.toString());
        }
        return entry;
    }
}
