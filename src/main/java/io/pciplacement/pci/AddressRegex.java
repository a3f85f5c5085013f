package io.pciplacement.pci;

import com.google.re2j.Pattern;
import java.util.BitSet;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression for each field of an address, anchored at its start only, held against the field in lower case
 * and zero-padded ({@code 0000}, {@code 3b}, {@code 00}, {@code 1}). Expressions come from users, so they are bounded;
 * see {@link RegexLimits}. No compiled program is kept: bus, slot and function are evaluated once for every value, the
 * domain for the values that nearly all machines have, and beyond them through {@link DomainRegexCache}.
 */
public final class AddressRegex implements AddressPattern {

    /** The domains that are evaluated beforehand: of firmware, not those that a hypervisor has drawn. */
    private static final int USUAL_DOMAINS = 0x100;

    private final @Nullable String domain;
    private final BitSet usualDomains;
    private final BitSet buses;
    private final BitSet slots;
    private final BitSet functions;
    private final @Nullable PciAddress single;

    private AddressRegex(
            @Nullable String domain,
            BitSet usualDomains,
            BitSet buses,
            BitSet slots,
            BitSet functions,
            @Nullable PciAddress single) {
        this.domain = domain;
        this.usualDomains = usualDomains;
        this.buses = buses;
        this.slots = slots;
        this.functions = functions;
        this.single = single;
    }

    /**
     * Evaluates the four fields; an absent one matches anything. Refused: an expression that RE2 does not know, and one
     * that is out of bounds.
     */
    public static ParseResult<AddressRegex> parse(
            @Nullable String domain, @Nullable String bus, @Nullable String slot, @Nullable String function) {
        return refused("domain", domain)
                .or(() -> refused("bus", bus))
                .or(() -> refused("slot", slot))
                .or(() -> refused("function", function))
                .orElseGet(() -> ParseResult.ok(of(domain, bus, slot, function)));
    }

    private static Optional<ParseResult<AddressRegex>> refused(String field, @Nullable String regex) {
        return Optional.ofNullable(regex)
                .flatMap(RegexLimits::problem)
                .map(problem -> ParseResult.refused("addressRegex." + field, "'%s' %s".formatted(regex, problem)));
    }

    private static AddressRegex of(
            @Nullable String domain, @Nullable String bus, @Nullable String slot, @Nullable String function) {
        // Four fields that spell one address exactly are that address, as in a glob.
        PciAddress single = domain == null || bus == null || slot == null || function == null
                ? null
                : PciAddress.parse(domain + ":" + bus + ":" + slot + "." + function)
                        .filter(a -> a.toString().equals(domain + ":" + bus + ":" + slot + "." + function))
                        .orElse(null);
        return new AddressRegex(
                domain,
                values(domain, USUAL_DOMAINS - 1, "%04x"),
                values(bus, PciAddress.MAX_BUS, "%02x"),
                values(slot, PciAddress.MAX_SLOT, "%02x"),
                values(function, PciAddress.MAX_FUNCTION, "%x"),
                single);
    }

    private static BitSet values(@Nullable String regex, int max, String format) {
        BitSet values = new BitSet(max + 1);
        if (regex == null) {
            values.set(0, max + 1);
            return values;
        }
        Pattern pattern = Pattern.compile(regex);
        for (int i = 0; i <= max; i++) {
            values.set(i, pattern.matcher(format.formatted(i)).lookingAt());
        }
        return values;
    }

    @Override
    public boolean matches(PciAddress address) {
        return slots.get(address.slot()) && functions.get(address.function()) && matchesBus(address);
    }

    @Override
    public boolean matchesBus(PciAddress address) {
        return buses.get(address.bus()) && matchesDomain(address.domain());
    }

    private boolean matchesDomain(int value) {
        return value < USUAL_DOMAINS
                ? usualDomains.get(value)
                : domain == null || DomainRegexCache.SHARED.matches(domain, value);
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
