package io.pciplacement.novaconf;

import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.api.v1alpha1.PciDeviceSpecSpec.SelectorSpec;
import io.pciplacement.pci.DeviceType;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * One entry of {@code [pci]device_spec}, understood.
 *
 * @param notes what means less, or something else, than who wrote it may have thought
 */
record DeviceSpecEntry(NovaPciOptions.RawEntry said, SelectorSpec selector, DeviceTags tags, List<String> notes) {

    DeviceSpecEntry {
        notes = List.copyOf(notes);
    }

    static DeviceSpecEntry read(NovaPciOptions.RawEntry said) throws UntranslatableException {
        JsonNode object = said.object();
        List<String> notes = new ArrayList<>();
        JsonNode devname = object.get("devname");
        if (!PythonLiterals.isNothing(devname)) {
            if (!PythonLiterals.isNothing(object.get("address"))) {
                throw UntranslatableException.byNovaToo("devname and address exclude each other");
            }
            throw new UntranslatableException(
                    "devname: %s cannot be selected: interface names change, and Nova refuses them, too, once it reports to Placement. Write the address: readlink /sys/class/net/NAME/device"
                            .formatted(devname));
        }
        String vendor = id(object, "vendor_id");
        String product = id(object, "product_id");
        DeviceAddressParser.Address address = new DeviceAddressParser(notes).read(object.get("address"));
        DeviceTags tags = new TagParser(object, notes).read();
        DeviceType type = null;
        if (tags.remoteManaged()) {
            type = DeviceType.VF;
            notes.add(
                    "remote_managed: VFs only, as Nova means it; one whose card has no serial number is left to later entries by Nova, and is a RemoteManagedWithoutSerial here");
        }
        boolean any = vendor == null && product == null && address.equals(DeviceAddressParser.Address.ANY);
        return new DeviceSpecEntry(
                said,
                new SelectorSpec(
                        vendor, product, any ? "*:*:*.*" : address.glob(), address.regex(), null, type, null, null),
                tags,
                notes);
    }

    private static @Nullable String id(JsonNode object, String field) throws UntranslatableException {
        JsonNode value = object.get(field);
        if (value == null) {
            return null;
        }
        if (!value.isTextual()) {
            throw UntranslatableException.byNovaToo(
                    "%s: %s must be a text of hexadecimal digits".formatted(field, value));
        }
        String text = field.equals("vendor_id") ? PythonLiterals.strip(value.textValue()) : value.textValue();
        if (text.equals("*")) {
            return null;
        }
        OptionalInt number = PythonLiterals.hex(text);
        if (number.isEmpty()) {
            throw UntranslatableException.byNovaToo("%s: '%s' is not a hexadecimal number".formatted(field, text));
        }
        if (number.getAsInt() > 0xffff) {
            throw UntranslatableException.byNovaToo(
                    "%s: '%s' is out of range, the greatest is FFFF".formatted(field, text));
        }
        if (number.getAsInt() < 0) {
            throw new UntranslatableException(
                    "%s: '%s' is negative, so the entry never selects anything in Nova".formatted(field, text));
        }
        return "%04x".formatted(number.getAsInt());
    }
}
