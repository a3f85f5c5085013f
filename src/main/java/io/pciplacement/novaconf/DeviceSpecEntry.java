package io.pciplacement.novaconf;

import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.api.v1alpha1.PciDeviceSpecSpec.SelectorSpec;
import io.pciplacement.pci.DeviceType;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Parsed entry of {@code [pci]device_spec}.
 *
 * @param notes messages about settings that have no effect, or another effect than their author may expect
 */
record DeviceSpecEntry(NovaPciOptions.RawEntry rawEntry, SelectorSpec selector, DeviceTags tags, List<String> notes) {

    DeviceSpecEntry {
        notes = List.copyOf(notes);
    }

    static DeviceSpecEntry parseEntry(NovaPciOptions.RawEntry rawEntry) throws UntranslatableException {
        JsonNode object = rawEntry.object();
        List<String> notes = new ArrayList<>();
        JsonNode devname = object.get("devname");
        if (!PythonLiterals.isFalsy(devname)) {
            if (!PythonLiterals.isFalsy(object.get("address"))) {
                throw UntranslatableException.alsoRejectedByNova("devname and address are mutually exclusive");
            }
            throw new UntranslatableException(
                    "devname: %s cannot be selected: interface names change, and Nova rejects them, too, once it reports to Placement. Use the address: readlink /sys/class/net/NAME/device"
                            .formatted(devname));
        }
        String vendor = parseId(object, "vendor_id");
        String product = parseId(object, "product_id");
        DeviceAddressParser.Address address = new DeviceAddressParser(notes).parseAddress(object.get("address"));
        DeviceTags tags = new TagParser(object, notes).parseTags();
        DeviceType type = null;
        if (tags.remoteManaged()) {
            type = DeviceType.VF;
            notes.add(
                    "remote_managed: selects only VFs, as in Nova. For a VF whose card has no serial number, Nova tries later entries; here it is reported as RemoteManagedWithoutSerial");
        }
        boolean matchesAll = vendor == null && product == null && address.equals(DeviceAddressParser.Address.ANY);
        return new DeviceSpecEntry(
                rawEntry,
                new SelectorSpec(
                        vendor,
                        product,
                        matchesAll ? "*:*:*.*" : address.glob(),
                        address.regex(),
                        null,
                        type,
                        null,
                        null),
                tags,
                notes);
    }

    private static @Nullable String parseId(JsonNode object, String field) throws UntranslatableException {
        JsonNode value = object.get(field);
        if (value == null) {
            return null;
        }
        if (!value.isTextual()) {
            throw UntranslatableException.alsoRejectedByNova(
                    "%s: %s must be a string of hexadecimal digits".formatted(field, value));
        }
        String text = field.equals("vendor_id") ? PythonLiterals.stripBlanks(value.textValue()) : value.textValue();
        if (text.equals("*")) {
            return null;
        }
        OptionalInt number = PythonLiterals.parseHex(text);
        if (number.isEmpty()) {
            throw UntranslatableException.alsoRejectedByNova(
                    "%s: '%s' is not a hexadecimal number".formatted(field, text));
        }
        if (number.getAsInt() > 0xffff) {
            throw UntranslatableException.alsoRejectedByNova(
                    "%s: '%s' is out of range, the maximum is FFFF".formatted(field, text));
        }
        if (number.getAsInt() < 0) {
            throw new UntranslatableException(
                    "%s: '%s' is negative, so the entry never matches a device in Nova".formatted(field, text));
        }
        return "%04x".formatted(number.getAsInt());
    }
}
