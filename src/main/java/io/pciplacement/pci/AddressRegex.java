package io.pciplacement.pci;

import com.google.re2j.Pattern;
import java.util.BitSet;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Address pattern with one regular expression per field. Each is anchored at the start only and matched against the
 * field in lower case with leading zeros ({@code 0000}, {@code 3b}, {@code 00}, {@code 1}). Expressions come from
 * users, so they are bounded; see {@link RegexLimits}. No compiled program is kept: bus, slot and function are
 * evaluated in advance for every value, the domain for the values that nearly all machines use, and other domains
 * through {@link DomainRegexCache}.
 */
public final class AddressRegex implements AddressPattern {

    /** Number of domains evaluated in advance. Firmware assigns these; hypervisors choose random domains above them. */
    private static final int FIRMWARE_DOMAINS = 0x100;

    private final @Nullable String domain;
    private final BitSet firmwareDomains;
    private final BitSet buses;
    private final BitSet slots;
    private final BitSet functions;
    private final @Nullable PciAddress singleAddress;

    private AddressRegex(
            @Nullable String domain,
            BitSet firmwareDomains,
            BitSet buses,
            BitSet slots,
            BitSet functions,
            @Nullable PciAddress singleAddress) {
        this.domain = domain;
        this.firmwareDomains = firmwareDomains;
        this.buses = buses;
        this.slots = slots;
        this.functions = functions;
        this.singleAddress = singleAddress;
    }

    /**
     * Evaluates the four fields; a null field matches any value. Fails if an expression is not valid RE2 syntax or
     * exceeds the limits.
     */
    public static ParseResult<AddressRegex> parse(
            @Nullable String domain, @Nullable String bus, @Nullable String slot, @Nullable String function) {
        return validateField("domain", domain)
                .or(() -> validateField("bus", bus))
                .or(() -> validateField("slot", slot))
                .or(() -> validateField("function", function))
                .orElseGet(() -> ParseResult.success(compile(domain, bus, slot, function)));
    }

    private static Optional<ParseResult<AddressRegex>> validateField(String field, @Nullable String regex) {
        return Optional.ofNullable(regex)
                .flatMap(RegexLimits::findProblem)
                .map(problem -> ParseResult.failure("addressRegex." + field, "'%s' %s".formatted(regex, problem)));
    }

    private static AddressRegex compile(
            @Nullable String domain, @Nullable String bus, @Nullable String slot, @Nullable String function) {
        // Four fields that are literally one address specify that address, as in a glob.
        PciAddress singleAddress = domain == null || bus == null || slot == null || function == null
                ? null
                : PciAddress.parse(domain + ":" + bus + ":" + slot + "." + function)
                        .filter(a -> a.toString().equals(domain + ":" + bus + ":" + slot + "." + function))
                        .orElse(null);
        return new AddressRegex(
                domain,
                matchingValues(domain, FIRMWARE_DOMAINS - 1, "%04x"),
                matchingValues(bus, PciAddress.MAX_BUS, "%02x"),
                matchingValues(slot, PciAddress.MAX_SLOT, "%02x"),
                matchingValues(function, PciAddress.MAX_FUNCTION, "%x"),
                singleAddress);
    }

    private static BitSet matchingValues(@Nullable String regex, int max, String format) {
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
        return slots.get(address.slot()) && functions.get(address.function()) && canMatchOnBusOf(address);
    }

    @Override
    public boolean canMatchOnBusOf(PciAddress address) {
        return buses.get(address.bus()) && matchesDomain(address.domain());
    }

    private boolean matchesDomain(int value) {
        return value < FIRMWARE_DOMAINS
                ? firmwareDomains.get(value)
                : domain == null || DomainRegexCache.SHARED.matches(domain, value);
    }

    @Override
    public Optional<PciAddress> singleAddress() {
        return Optional.ofNullable(singleAddress);
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
