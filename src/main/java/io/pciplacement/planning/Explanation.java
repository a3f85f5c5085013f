package io.pciplacement.planning;

import io.pciplacement.pci.PciDevice;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * Why a device follows the spec that it follows: every spec for its node, in the order in which they count.
 *
 * @param claims what each spec that selects it comes to, the one that decides first
 * @param others the names of those that do not select it
 */
public record Explanation(List<Claim> claims, List<String> others) {

    public Explanation {
        claims = List.copyOf(claims);
        others = List.copyOf(others);
    }

    /** What a spec that selects the device comes to. */
    public enum Standing {
        /** It decides. */
        DECIDES,
        /** It wants the same as the one that decides, at the same priority. */
        AGREES,
        /** It wants something else at the highest priority, so that nobody decides. */
        TIES,
        /** A spec of higher priority selects the device too. */
        OUTRANKED
    }

    /**
     * One spec that selects the device.
     *
     * @param selector which of its selectors does, the first of them, counted from 0
     */
    public record Claim(NamedSpec spec, int selector, Standing standing) {}

    /** @param specs those whose node selector selects the device's node, in any order */
    public static Explanation of(PciDevice device, Collection<NamedSpec> specs) {
        List<Claim> claims = new ArrayList<>();
        List<String> others = new ArrayList<>();
        for (NamedSpec spec : specs.stream().sorted(Candidates.BY_PRIORITY).toList()) {
            int selector = selector(device, spec);
            if (selector < 0) {
                others.add(spec.name());
            } else {
                claims.add(new Claim(spec, selector, standing(claims, spec)));
            }
        }
        boolean tie = claims.stream().anyMatch(claim -> claim.standing() == Standing.TIES);
        if (tie) {
            claims.replaceAll(claim -> claim.standing() == Standing.OUTRANKED
                    ? claim
                    : new Claim(claim.spec(), claim.selector(), Standing.TIES));
        }
        others.sort(Comparator.naturalOrder());
        return new Explanation(claims, others);
    }

    private static Standing standing(List<Claim> before, NamedSpec spec) {
        if (before.isEmpty()) {
            return Standing.DECIDES;
        }
        NamedSpec first = before.getFirst().spec();
        if (spec.spec().priority() < first.spec().priority()) {
            return Standing.OUTRANKED;
        }
        return spec.sameResult(first) ? Standing.AGREES : Standing.TIES;
    }

    private static int selector(PciDevice device, NamedSpec spec) {
        for (int i = 0; i < spec.spec().selectors().size(); i++) {
            if (spec.spec().selectors().get(i).matches(device)) {
                return i;
            }
        }
        return -1;
    }
}
