package io.pciplacement.pci;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.BitSet;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression for each field of an address, anchored at its start only, held against the field in lower case
 * and zero-padded ({@code 0000}, {@code 3b}, {@code 00}, {@code 1}). Evaluated in linear time, and for bus, slot and
 * function once for every value there is, so that matching a device costs a few bit tests.
 */
public final class AddressRegex implements AddressPattern {

    private final @Nullable Pattern domain;
    private final BitSet buses;
    private final BitSet slots;
    private final BitSet functions;
    private final @Nullable PciAddress single;

    private AddressRegex(
            @Nullable Pattern domain, BitSet buses, BitSet slots, BitSet functions, @Nullable PciAddress single) {
        this.domain = domain;
        this.buses = buses;
        this.slots = slots;
        this.functions = functions;
        this.single = single;
    }

    /** Compiles the four fields; an absent one matches anything. Refused: an expression that RE2 does not know. */
    public static Parsed<AddressRegex> parse(
            @Nullable String domain, @Nullable String bus, @Nullable String slot, @Nullable String function) {
        String field = "domain";
        try {
            Pattern domainPattern = domain == null ? null : Pattern.compile(domain);
            field = "bus";
            BitSet buses = values(bus, PciAddress.MAX_BUS, "%02x");
            field = "slot";
            BitSet slots = values(slot, PciAddress.MAX_SLOT, "%02x");
            field = "function";
            BitSet functions = values(function, PciAddress.MAX_FUNCTION, "%x");
            // Four fields that spell one address exactly are that address, as in a glob.
            PciAddress single = domain == null || bus == null || slot == null || function == null
                    ? null
                    : PciAddress.parse(domain + ":" + bus + ":" + slot + "." + function)
                            .filter(a -> a.toString().equals(domain + ":" + bus + ":" + slot + "." + function))
                            .orElse(null);
            return Parsed.ok(new AddressRegex(domainPattern, buses, slots, functions, single));
        } catch (PatternSyntaxException e) {
            String text = switch (field) {
                case "domain" -> domain;
                case "bus" -> bus;
                case "slot" -> slot;
                default -> function;
            };
            return Parsed.refused(
                    "addressRegex." + field,
                    "'%s' is not a regular expression of the RE2 syntax (no look-around, no back references): %s '%s'"
                            .formatted(text, e.getDescription(), e.getPattern()));
        }
    }

    private static BitSet values(@Nullable String regex, int max, String format) {
        BitSet values = new BitSet(max + 1);
        Pattern pattern = regex == null ? null : Pattern.compile(regex);
        for (int i = 0; i <= max; i++) {
            values.set(
                    i, pattern == null || pattern.matcher(format.formatted(i)).lookingAt());
        }
        return values;
    }

    @Override
    public boolean matches(PciAddress address) {
        return slots.get(address.slot()) && functions.get(address.function()) && matchesBus(address);
    }

    @Override
    public boolean matchesBus(PciAddress address) {
        return buses.get(address.bus())
                && (domain == null
                        || domain.matcher("%04x".formatted(address.domain())).lookingAt());
    }

    @Override
    public Optional<PciAddress> single() {
        return Optional.ofNullable(single);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AddressRegex that
                && Objects.equals(domain, that.domain)
                && buses.equals(that.buses)
                && slots.equals(that.slots)
                && functions.equals(that.functions);
    }

    @Override
    public int hashCode() {
        return Objects.hash(domain, buses, slots, functions);
    }
}
