package io.pciplacement.novaconf;

import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.api.v1alpha1.PciDeviceSpecSpec.AddressRegexSpec;
import io.pciplacement.pci.AddressRegex;
import io.pciplacement.pci.ParseResult;
import io.pciplacement.pci.ParseResult.Success;
import io.pciplacement.pci.RegexLimits;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Parser of an entry's {@code address}: a glob, or a mapping of regular expressions. */
final class DeviceAddressParser {

    private static final Set<String> FIELDS = Set.of("domain", "bus", "slot", "function");

    private final List<String> notes;

    DeviceAddressParser(List<String> notes) {
        this.notes = notes;
    }

    /** An address pattern; both fields are null if it matches any address. */
    record Address(@Nullable String glob, @Nullable AddressRegexSpec regex) {

        static final Address ANY = new Address(null, null);
    }

    Address parseAddress(@Nullable JsonNode value) throws UntranslatableException {
        if (value == null || PythonLiterals.isFalsy(value)) {
            return Address.ANY;
        }
        if (value.isTextual()) {
            return parseGlob(value.textValue());
        }
        if (value.isObject()) {
            return parseRegex(value);
        }
        throw UntranslatableException.alsoRejectedByNova(
                "address: %s is neither a string nor a mapping".formatted(value));
    }

    private static Address parseGlob(String text) throws UntranslatableException {
        int dot = text.indexOf('.');
        String function = dot < 0 ? "" : text.substring(dot + 1);
        String front = dot < 0 ? text : text.substring(0, dot);
        String[] fields = front.split(":", -1);
        if (fields.length > 3) {
            throw UntranslatableException.alsoRejectedByNova(
                    "address: '%s' has more than three fields before the dot".formatted(text));
        }
        String[] all = {"*", "*", "*", "*"};
        for (int i = 0; i < fields.length; i++) {
            all[3 - fields.length + i] =
                    PythonLiterals.stripBlanks(fields[i]).isEmpty() ? "*" : PythonLiterals.stripBlanks(fields[i]);
        }
        // Unlike in the other fields, blanks in the function are not a wildcard.
        all[3] = function.isEmpty() ? "*" : PythonLiterals.stripBlanks(function);
        Address address = new Address(
                "%s:%s:%s.%s"
                        .formatted(
                                normalizeField(text, "domain", all[0], 0xffff, 4),
                                normalizeField(text, "bus", all[1], 0xff, 2),
                                normalizeField(text, "slot", all[2], 0x1f, 2),
                                normalizeField(text, "function", all[3], 7, 1)),
                null);
        return "*:*:*.*".equals(address.glob()) ? Address.ANY : address;
    }

    private static String normalizeField(String address, String name, String text, int max, int digits)
            throws UntranslatableException {
        if (text.equals("*")) {
            return text;
        }
        OptionalInt number = PythonLiterals.parseHex(text);
        if (number.isEmpty()) {
            throw UntranslatableException.alsoRejectedByNova(
                    "address: %s '%s' of '%s' is not a hexadecimal number".formatted(name, text, address));
        }
        if (number.getAsInt() > max) {
            throw UntranslatableException.alsoRejectedByNova(
                    "address: %s '%s' of '%s' is out of range, the maximum is %X".formatted(name, text, address, max));
        }
        if (number.getAsInt() < 0) {
            throw new UntranslatableException(
                    "address: %s '%s' of '%s' is negative, so the entry never matches a device in Nova"
                            .formatted(name, text, address));
        }
        return ("%0" + digits + "x").formatted(number.getAsInt());
    }

    private Address parseRegex(JsonNode mapping) throws UntranslatableException {
        TreeSet<String> unknown = new TreeSet<>();
        mapping.fieldNames().forEachRemaining(unknown::add);
        unknown.removeAll(FIELDS);
        for (String key : unknown) {
            notes.add("address: Nova ignores the unknown field '%s' of a mapping%s"
                    .formatted(key, key.startsWith("func") ? "; the name of the field is function" : ""));
        }
        AddressRegexSpec regex = new AddressRegexSpec(
                readExpression(mapping, "domain"),
                readExpression(mapping, "bus"),
                readExpression(mapping, "slot"),
                readExpression(mapping, "function"));
        return switch (AddressRegex.parse(regex.domain(), regex.bus(), regex.slot(), regex.function())) {
            case ParseResult.Failure<AddressRegex>(String field, String message) ->
                throw new UntranslatableException(field + ": " + message);
            case Success<AddressRegex> _ ->
                requirePortable(regex).equals(new AddressRegexSpec(null, null, null, null))
                        ? Address.ANY
                        : new Address(null, regex);
        };
    }

    private static AddressRegexSpec requirePortable(AddressRegexSpec regex) throws UntranslatableException {
        for (String expression : Arrays.asList(regex.domain(), regex.bus(), regex.slot(), regex.function())) {
            if (expression != null && !PortableRegex.isPortable(expression)) {
                throw new UntranslatableException(
                        "address: '%s' is not in the syntax that Python's and RE2's expressions share, so nova-compute may reject it or match other devices: use only characters, ., [...], (...), |, *, +, ?, {n,m}, ^, $ and \\d"
                                .formatted(expression));
            }
        }
        return regex;
    }

    private static @Nullable String readExpression(JsonNode mapping, String field) throws UntranslatableException {
        JsonNode value = mapping.get(field);
        if (value == null) {
            return null;
        }
        if (!value.isTextual()) {
            throw UntranslatableException.alsoRejectedByNova(
                    "address: %s is %s and must be a string".formatted(field, value));
        }
        String text = value.textValue();
        if (text.length() > RegexLimits.MAX_LENGTH) {
            throw new UntranslatableException("address: the expression for %s is longer than %d characters: %s"
                    .formatted(field, RegexLimits.MAX_LENGTH, text));
        }
        // Python and RE2 both accept these, with different meanings.
        if (text.contains("{,") || text.contains("[[:")) {
            throw new UntranslatableException(
                    "address: %s: '%s' has a different meaning in Python than in a PciDeviceSpec: write {0,n} instead of {,n}, and ranges instead of classes"
                            .formatted(field, text));
        }
        return text.equals(".*") ? null : text;
    }
}
