package io.pciplacement.pci;

import java.util.Optional;

/**
 * The address of a PCI function, {@code domain:bus:slot.function}, within the ranges that PCI itself has.
 *
 * @param domain 0 to 0xffff
 * @param bus 0 to 0xff
 * @param slot 0 to 0x1f
 * @param function 0 to 7
 */
public record PciAddress(int domain, int bus, int slot, int function) implements Comparable<PciAddress> {

    public static final int MAX_DOMAIN = 0xffff;
    public static final int MAX_BUS = 0xff;
    public static final int MAX_SLOT = 0x1f;
    public static final int MAX_FUNCTION = 7;

    public PciAddress {
        if (domain < 0
                || domain > MAX_DOMAIN
                || bus < 0
                || bus > MAX_BUS
                || slot < 0
                || slot > MAX_SLOT
                || function < 0
                || function > MAX_FUNCTION) {
            throw new IllegalArgumentException("not a PCI address: %x:%x:%x.%x".formatted(domain, bus, slot, function));
        }
    }

    /**
     * Reads an address as Linux writes it, {@code 0000:3b:00.1}, in either case. Empty for anything else, a domain of
     * five digits (as VMD controllers make them) among it: such devices have no place in Placement's names.
     */
    public static Optional<PciAddress> parse(String text) {
        if (text.length() != 12 || text.charAt(4) != ':' || text.charAt(7) != ':' || text.charAt(10) != '.') {
            return Optional.empty();
        }
        int domain = hex(text, 0, 4);
        int bus = hex(text, 5, 7);
        int slot = hex(text, 8, 10);
        int function = hex(text, 11, 12);
        if (domain < 0 || bus < 0 || slot < 0 || slot > MAX_SLOT || function < 0 || function > MAX_FUNCTION) {
            return Optional.empty();
        }
        return Optional.of(new PciAddress(domain, bus, slot, function));
    }

    private static int hex(String text, int from, int to) {
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

    /** All four fields in one number, in the order of addresses. */
    int bits() {
        return domain << 16 | bus << 8 | slot << 3 | function;
    }

    @Override
    public int compareTo(PciAddress other) {
        return Integer.compareUnsigned(bits(), other.bits());
    }

    /** As Linux writes it: {@code 0000:3b:00.1}. */
    @Override
    public String toString() {
        char[] text = new char[12];
        put(text, 0, 4, domain);
        text[4] = ':';
        put(text, 5, 2, bus);
        text[7] = ':';
        put(text, 8, 2, slot);
        text[10] = '.';
        put(text, 11, 1, function);
        return new String(text);
    }

    private static void put(char[] text, int from, int digits, int value) {
        for (int i = from + digits - 1; i >= from; i--) {
            text[i] = Character.forDigit(value & 15, 16);
            value >>>= 4;
        }
    }
}
