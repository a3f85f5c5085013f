package io.pciplacement.pci;

import java.util.Optional;

/**
 * {@code domain:bus:slot.function} where a field may be {@code *} or empty for any value, and leading fields may be
 * left out: {@code 0000:81:00.*}, {@code 0000:81:}, {@code :00.}, {@code *:0a:00.*}.
 *
 * @param mask the bits of an address that are given
 * @param value what those bits must be
 */
public record AddressGlob(int mask, int value) implements AddressPattern {

    private enum Field {
        DOMAIN("domain", 16, PciAddress.MAX_DOMAIN),
        BUS("bus", 8, PciAddress.MAX_BUS),
        SLOT("slot", 3, PciAddress.MAX_SLOT),
        FUNCTION("function", 0, PciAddress.MAX_FUNCTION);

        final String label;
        final int shift;
        final int max;

        Field(String label, int shift, int max) {
            this.label = label;
            this.shift = shift;
            this.max = max;
        }
    }

    /** Reads a glob. Refused: more than three fields before the dot, a field that is not hex, a field out of range. */
    public static ParseResult<AddressGlob> parse(String text) {
        int dot = text.indexOf('.');
        String function = dot < 0 ? "" : text.substring(dot + 1);
        String[] front = (dot < 0 ? text : text.substring(0, dot)).split(":", -1);
        if (front.length > 3) {
            return ParseResult.refused(
                    "address", "'%s' has more than three fields before the dot; %s".formatted(text, FORM));
        }
        Field[] fields = Field.values();
        int mask = 0;
        int value = 0;
        for (int i = 0; i < 4; i++) {
            // Fields are counted from the right: what is left out is in front.
            int at = i - (3 - front.length);
            String part = i == 3 ? function : at < 0 ? "" : front[at];
            if (part.isEmpty() || part.equals("*")) {
                continue;
            }
            Field field = fields[i];
            int number = hex(part);
            if (number < 0) {
                return ParseResult.refused(
                        "address",
                        "%s '%s' of '%s' is not a hexadecimal number; %s".formatted(field.label, part, text, FORM));
            }
            if (number > field.max) {
                return ParseResult.refused(
                        "address",
                        "%s '%s' of '%s' is out of range, the greatest is %X; %s"
                                .formatted(field.label, part, text, field.max, FORM));
            }
            mask |= field.max << field.shift;
            value |= number << field.shift;
        }
        return ParseResult.ok(new AddressGlob(mask, value));
    }

    private static final String FORM = "write domain:bus:slot.function in hexadecimal, with * or nothing for any";

    private static int hex(String text) {
        int value = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = text.charAt(i) > 'f' ? -1 : Character.digit(text.charAt(i), 16);
            if (digit < 0) {
                return -1;
            }
            // Far out of range is out of range; it must only not overflow.
            value = Math.min(value, 0xfffff) << 4 | digit;
        }
        return value;
    }

    @Override
    public boolean matches(PciAddress address) {
        return (address.bits() & mask) == value;
    }

    @Override
    public boolean matchesBus(PciAddress address) {
        return ((address.bits() & mask) ^ value) >>> PciAddress.BUS_SHIFT == 0;
    }

    @Override
    public Optional<PciAddress> single() {
        return mask == -1 ? Optional.of(new PciAddress(value)) : Optional.empty();
    }
}
