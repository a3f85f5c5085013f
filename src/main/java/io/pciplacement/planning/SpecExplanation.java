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
public record SpecExplanation(List<SpecExplanation.Match> claims, List<String> others) {

    public SpecExplanation {
        claims = List.copyOf(claims);
        others = List.copyOf(others);
    }

    /** What a spec that selects the device comes to. */
    public enum Outcome {
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
    public record Match(NormalizedSpec spec, int selector, SpecExplanation.Outcome standing) {}

    /** @param specs those whose node selector selects the device's node, in any order */
    public static SpecExplanation of(PciDevice device, Collection<NormalizedSpec> specs) {
        List<SpecExplanation.Match> claims = new ArrayList<>();
        List<String> others = new ArrayList<>();
        for (NormalizedSpec spec :
                specs.stream().sorted(SpecCandidates.BY_PRIORITY).toList()) {
            int selector = selector(device, spec);
            if (selector < 0) {
                others.add(spec.name());
            } else {
                claims.add(new SpecExplanation.Match(spec, selector, standing(claims, spec)));
            }
        }
        boolean tie = claims.stream().anyMatch(claim -> claim.standing() == SpecExplanation.Outcome.TIES);
        if (tie) {
            claims.replaceAll(claim -> claim.standing() == SpecExplanation.Outcome.OUTRANKED
                    ? claim
                    : new SpecExplanation.Match(claim.spec(), claim.selector(), SpecExplanation.Outcome.TIES));
        }
        others.sort(Comparator.naturalOrder());
        return new SpecExplanation(claims, others);
    }

    private static SpecExplanation.Outcome standing(List<SpecExplanation.Match> before, NormalizedSpec spec) {
        if (before.isEmpty()) {
            return SpecExplanation.Outcome.DECIDES;
        }
        NormalizedSpec first = before.getFirst().spec();
        if (spec.spec().priority() < first.spec().priority()) {
            return SpecExplanation.Outcome.OUTRANKED;
        }
        return spec.sameResult(first) ? SpecExplanation.Outcome.AGREES : SpecExplanation.Outcome.TIES;
    }

    private static int selector(PciDevice device, NormalizedSpec spec) {
        for (int i = 0; i < spec.spec().selectors().size(); i++) {
            if (spec.spec().selectors().get(i).matches(device)) {
                return i;
            }
        }
        return -1;
    }
}
