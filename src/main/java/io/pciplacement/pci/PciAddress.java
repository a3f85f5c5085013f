package io.pciplacement.pci;

import java.util.Optional;

/**
 * Address of a PCI function, {@code domain:bus:slot.function}, within the ranges defined by PCI.
 *
 * @param bits the fields in one number, most significant first: 16 bits of domain, 8 of bus, 5 of slot, 3 of function;
 *     every number is a valid address
 */
public record PciAddress(int bits) implements Comparable<PciAddress> {

    public static final int MAX_DOMAIN = 0xffff;
    public static final int MAX_BUS = 0xff;
    public static final int MAX_SLOT = 0x1f;
    public static final int MAX_FUNCTION = 7;

    /** Number of characters of every address. */
    public static final int LENGTH = 12;

    /** Position of the bits of domain and bus. */
    static final int BUS_SHIFT = 8;

    /** @throws IllegalArgumentException if a field is out of range */
    public PciAddress(int domain, int bus, int slot, int function) {
        this(requireInRange(domain, MAX_DOMAIN) << 16
                | requireInRange(bus, MAX_BUS) << 8
                | requireInRange(slot, MAX_SLOT) << 3
                | requireInRange(function, MAX_FUNCTION));
    }

    private static int requireInRange(int field, int max) {
        if (field < 0 || field > max) {
            throw new IllegalArgumentException(
                    "field of a PCI address out of range: %x, the maximum is %x".formatted(field, max));
        }
        return field;
    }

    public int domain() {
        return bits >>> 16;
    }

    public int bus() {
        return bits >>> 8 & MAX_BUS;
    }

    public int slot() {
        return bits >>> 3 & MAX_SLOT;
    }

    public int function() {
        return bits & MAX_FUNCTION;
    }

    public boolean isOnSameBusAs(PciAddress other) {
        return (bits ^ other.bits) >>> BUS_SHIFT == 0;
    }

    /**
     * Parses an address in the format of Linux, {@code 0000:3b:00.1}, in upper or lower case. Empty for anything else,
     * including domains of five digits (created by VMD controllers), which the names of providers cannot contain.
     */
    public static Optional<PciAddress> parse(String text) {
        if (text.length() != LENGTH || text.charAt(4) != ':' || text.charAt(7) != ':' || text.charAt(10) != '.') {
            return Optional.empty();
        }
        int domain = parseHex(text, 0, 4);
        int bus = parseHex(text, 5, 7);
        int slot = parseHex(text, 8, 10);
        int function = parseHex(text, 11, 12);
        if (domain < 0 || bus < 0 || slot < 0 || slot > MAX_SLOT || function < 0 || function > MAX_FUNCTION) {
            return Optional.empty();
        }
        return Optional.of(new PciAddress(domain, bus, slot, function));
    }

    private static int parseHex(String text, int from, int to) {
        int value = 0;
        for (int i = from; i < to; i++) {
            int digit = Character.digit(text.charAt(i), 16);
            if (digit < 0 || text.charAt(i) > 'f') {
                return -1;
            }
            value = value << 4 | digit;
        }
        return value;
    }

    @Override
    public int compareTo(PciAddress other) {
        return Integer.compareUnsigned(bits, other.bits);
    }

    /** The address in the format of Linux: {@code 0000:3b:00.1}. */
    @Override
    public String toString() {
        return format("0123456789abcdef");
    }

    /** The address in upper case, as Nova writes it in the names of providers: {@code 0000:3B:00.1}. */
    public String toUpperCaseString() {
        return format("0123456789ABCDEF");
    }

    private String format(String hexDigits) {
        char[] text = new char[LENGTH];
        writeHex(text, 0, 4, domain(), hexDigits);
        text[4] = ':';
        writeHex(text, 5, 2, bus(), hexDigits);
        text[7] = ':';
        writeHex(text, 8, 2, slot(), hexDigits);
        text[10] = '.';
        writeHex(text, 11, 1, function(), hexDigits);
        return new String(text);
    }

    private static void writeHex(char[] text, int from, int digits, int value, String hexDigits) {
        for (int i = from + digits - 1; i >= from; i--) {
            text[i] = hexDigits.charAt(value & 15);
            value >>>= 4;
        }
    }
}
