package io.pciplacement.novaconf;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pciplacement.api.v1alpha1.PciDeviceSpecSpec.AddressRegexSpec;
import io.pciplacement.api.v1alpha1.PciDeviceSpecSpec.SelectorSpec;
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

/** One selector as entries of {@code [pci]device_spec}. */
record NovaEntryWriter(SelectorSpec written, Selector read, boolean remoteManaged) {

    List<ObjectNode> entries(@Nullable HostDevices host) throws UntranslatableException {
        TreeSet<String> unsayable = unsayable();
        if (unsayable.isEmpty()) {
            return List.of(direct());
        }
        if (host == null) {
            throw new UntranslatableException(
                    "a nova.conf cannot select by %s; name a node, and the devices that it has now are listed one by one"
                            .formatted(String.join(", ", unsayable)));
        }
        List<ObjectNode> entries = new ArrayList<>();
        for (PciDevice device : host.devices()) {
            if (read.matches(device)) {
                entries.add(alone(device));
            }
        }
        if (entries.isEmpty()) {
            throw new UntranslatableException("a nova.conf cannot select by %s, and the node has no such device now"
                    .formatted(String.join(", ", unsayable)));
        }
        return entries;
    }

    private TreeSet<String> unsayable() {
        TreeSet<String> unsayable = new TreeSet<>();
        if (written.parentAddress() != null) {
            unsayable.add("parentAddress");
        }
        if (written.serialNumber() != null) {
            unsayable.add("serialNumber");
        }
        // Nova means VFs by remote_managed.
        if (written.deviceType() != null && !(remoteManaged && written.deviceType() == DeviceType.VF)) {
            unsayable.add("deviceType");
        }
        return unsayable;
    }

    private ObjectNode direct() throws UntranslatableException {
        ObjectNode entry = JsonNodeFactory.instance.objectNode();
        if (written.vendorId() != null) {
            entry.put("vendor_id", written.vendorId().toLowerCase(Locale.ROOT));
        }
        if (written.productId() != null) {
            entry.put("product_id", written.productId().toLowerCase(Locale.ROOT));
        }
        AddressRegexSpec regex = written.addressRegex();
        if (written.address() != null) {
            entry.put("address", written.address());
        } else if (regex != null) {
            ObjectNode mapping = entry.putObject("address");
            put(mapping, "domain", regex.domain());
            put(mapping, "bus", regex.bus());
            put(mapping, "slot", regex.slot());
            put(mapping, "function", regex.function());
        }
        return entry;
    }

    private static void put(ObjectNode mapping, String field, @Nullable String regex) throws UntranslatableException {
        if (regex == null) {
            return;
        }
        if (!PortableRegex.accepts(regex)) {
            throw new UntranslatableException(
                    "addressRegex.%s: Python has no such expression, or may take it for another: %s"
                            .formatted(field, regex));
        }
        mapping.put(field, regex);
    }

    /** One device and no other. In Nova the plain address of a PF is its VFs as well, where their ids are the same. */
    private static ObjectNode alone(PciDevice device) {
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
