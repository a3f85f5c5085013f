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

/** Reads what an entry has for {@code address}: a glob, or a mapping of regular expressions. */
final class DeviceAddressParser {

    private static final Set<String> FIELDS = Set.of("domain", "bus", "slot", "function");

    private final List<String> notes;

    DeviceAddressParser(List<String> notes) {
        this.notes = notes;
    }

    /** One of the two, or neither for any address. */
    record Address(@Nullable String glob, @Nullable AddressRegexSpec regex) {

        static final Address ANY = new Address(null, null);
    }

    Address read(@Nullable JsonNode value) throws UntranslatableException {
        if (value == null || PythonLiterals.isNothing(value)) {
            return Address.ANY;
        }
        if (value.isTextual()) {
            return glob(value.textValue());
        }
        if (value.isObject()) {
            return regex(value);
        }
        throw UntranslatableException.byNovaToo("address: %s is neither a text nor a mapping".formatted(value));
    }

    private static Address glob(String text) throws UntranslatableException {
        int dot = text.indexOf('.');
        String function = dot < 0 ? "" : text.substring(dot + 1);
        String front = dot < 0 ? text : text.substring(0, dot);
        String[] fields = front.split(":", -1);
        if (fields.length > 3) {
            throw UntranslatableException.byNovaToo(
                    "address: '%s' has more than three fields before the dot".formatted(text));
        }
        String[] all = {"*", "*", "*", "*"};
        for (int i = 0; i < fields.length; i++) {
            all[3 - fields.length + i] =
                    PythonLiterals.strip(fields[i]).isEmpty() ? "*" : PythonLiterals.strip(fields[i]);
        }
        // A function of blanks is not any, unlike the other fields.
        all[3] = function.isEmpty() ? "*" : PythonLiterals.strip(function);
        Address address = new Address(
                "%s:%s:%s.%s"
                        .formatted(
                                field(text, "domain", all[0], 0xffff, 4),
                                field(text, "bus", all[1], 0xff, 2),
                                field(text, "slot", all[2], 0x1f, 2),
                                field(text, "function", all[3], 7, 1)),
                null);
        return "*:*:*.*".equals(address.glob()) ? Address.ANY : address;
    }

    private static String field(String address, String name, String text, int max, int digits)
            throws UntranslatableException {
        if (text.equals("*")) {
            return text;
        }
        OptionalInt number = PythonLiterals.hex(text);
        if (number.isEmpty()) {
            throw UntranslatableException.byNovaToo(
                    "address: %s '%s' of '%s' is not a hexadecimal number".formatted(name, text, address));
        }
        if (number.getAsInt() > max) {
            throw UntranslatableException.byNovaToo(
                    "address: %s '%s' of '%s' is out of range, the greatest is %X".formatted(name, text, address, max));
        }
        if (number.getAsInt() < 0) {
            throw new UntranslatableException(
                    "address: %s '%s' of '%s' is negative, so the entry never selects anything in Nova"
                            .formatted(name, text, address));
        }
        return ("%0" + digits + "x").formatted(number.getAsInt());
    }

    private Address regex(JsonNode mapping) throws UntranslatableException {
        TreeSet<String> unknown = new TreeSet<>();
        mapping.fieldNames().forEachRemaining(unknown::add);
        unknown.removeAll(FIELDS);
        for (String key : unknown) {
            notes.add("address: Nova does not know '%s' in a mapping and ignores it%s"
                    .formatted(key, key.startsWith("func") ? "; the field is called function" : ""));
        }
        AddressRegexSpec regex = new AddressRegexSpec(
                expression(mapping, "domain"),
                expression(mapping, "bus"),
                expression(mapping, "slot"),
                expression(mapping, "function"));
        return switch (AddressRegex.parse(regex.domain(), regex.bus(), regex.slot(), regex.function())) {
            case ParseResult.Failure<AddressRegex>(String field, String message) ->
                throw new UntranslatableException(field + ": " + message);
            case Success<AddressRegex> _ ->
                portable(regex).equals(new AddressRegexSpec(null, null, null, null))
                        ? Address.ANY
                        : new Address(null, regex);
        };
    }

    private static AddressRegexSpec portable(AddressRegexSpec regex) throws UntranslatableException {
        for (String expression : Arrays.asList(regex.domain(), regex.bus(), regex.slot(), regex.function())) {
            if (expression != null && !PortableRegex.accepts(expression)) {
                throw new UntranslatableException(
                        "address: '%s' is not in the syntax that Python's and RE2's expressions share, so nova-compute may refuse it or match other devices: write it with characters, ., [...], (...), |, *, +, ?, {n,m}, ^, $ and \\d only"
                                .formatted(expression));
            }
        }
        return regex;
    }

    private static @Nullable String expression(JsonNode mapping, String field) throws UntranslatableException {
        JsonNode value = mapping.get(field);
        if (value == null) {
            return null;
        }
        if (!value.isTextual()) {
            throw UntranslatableException.byNovaToo("address: %s is %s and must be a text".formatted(field, value));
        }
        String text = value.textValue();
        if (text.length() > RegexLimits.MAX_LENGTH) {
            throw new UntranslatableException("address: the expression for %s is longer than %d characters: %s"
                    .formatted(field, RegexLimits.MAX_LENGTH, text));
        }
        // Both are taken by Python and by RE2, and mean something else to each.
        if (text.contains("{,") || text.contains("[[:")) {
            throw new UntranslatableException(
                    "address: %s: '%s' means something else here than in Python: write {0,n} for {,n}, and ranges for classes"
                            .formatted(field, text));
        }
        return text.equals(".*") ? null : text;
    }
}
