package io.pciplacement.pci;

import java.util.Optional;

/**
 * Address pattern {@code domain:bus:slot.function}. A field that is {@code *} or empty matches any value, and leading
 * fields can be omitted: {@code 0000:81:00.*}, {@code 0000:81:}, {@code :00.}, {@code *:0a:00.*}.
 *
 * @param mask the bits of an address that the pattern specifies
 * @param value the required value of those bits
 */
public record AddressGlob(int mask, int value) implements AddressPattern {

    private enum Field {
        DOMAIN("domain", 16, PciAddress.MAX_DOMAIN),
        BUS("bus", 8, PciAddress.MAX_BUS),
        SLOT("slot", 3, PciAddress.MAX_SLOT),
        FUNCTION("function", 0, PciAddress.MAX_FUNCTION);

        final String label;
        final int shift;
        final int maximum;

        Field(String label, int shift, int max) {
            this.label = label;
            this.shift = shift;
            this.maximum = max;
        }
    }

    /**
     * Parses a glob. Fails if there are more than three fields before the dot, or if a field is not hexadecimal or out
     * of range.
     */
    public static ParseResult<AddressGlob> parse(String text) {
        int dotIndex = text.indexOf('.');
        String function = dotIndex < 0 ? "" : text.substring(dotIndex + 1);
        String[] leadingFields = (dotIndex < 0 ? text : text.substring(0, dotIndex)).split(":", -1);
        if (leadingFields.length > 3) {
            return ParseResult.failure(
                    "address", "'%s' has more than three fields before the dot; %s".formatted(text, SYNTAX_HINT));
        }
        Field[] fields = Field.values();
        int mask = 0;
        int value = 0;
        for (int i = 0; i < 4; i++) {
            // Fields are counted from the right because leading fields can be omitted.
            int index = i - (3 - leadingFields.length);
            String fieldText = i == 3 ? function : index < 0 ? "" : leadingFields[index];
            if (fieldText.isEmpty() || fieldText.equals("*")) {
                continue;
            }
            Field field = fields[i];
            int number = parseHex(fieldText);
            if (number < 0) {
                return ParseResult.failure(
                        "address",
                        "%s '%s' of '%s' is not a hexadecimal number; %s"
                                .formatted(field.label, fieldText, text, SYNTAX_HINT));
            }
            if (number > field.maximum) {
                return ParseResult.failure(
                        "address",
                        "%s '%s' of '%s' is out of range, the maximum is %X; %s"
                                .formatted(field.label, fieldText, text, field.maximum, SYNTAX_HINT));
            }
            mask |= field.maximum << field.shift;
            value |= number << field.shift;
        }
        return ParseResult.success(new AddressGlob(mask, value));
    }

    private static final String SYNTAX_HINT =
            "write domain:bus:slot.function in hexadecimal, with * or an empty field for any value";

    private static int parseHex(String text) {
        int value = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = text.charAt(i) > 'f' ? -1 : Character.digit(text.charAt(i), 16);
            if (digit < 0) {
                return -1;
            }
            // A capped value is still out of range and cannot overflow.
            value = Math.min(value, 0xfffff) << 4 | digit;
        }
        return value;
    }

    @Override
    public boolean matches(PciAddress address) {
        return (address.bits() & mask) == value;
    }

    @Override
    public boolean canMatchOnBusOf(PciAddress address) {
        return ((address.bits() & mask) ^ value) >>> PciAddress.BUS_SHIFT == 0;
    }

    @Override
    public Optional<PciAddress> singleAddress() {
        return mask == -1 ? Optional.of(new PciAddress(value)) : Optional.empty();
    }
}
