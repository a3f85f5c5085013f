package io.pciplacement.planning;

import io.pciplacement.pci.PciDevice;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * Explanation why a spec applies to a device: all specs that select its node, in order of precedence.
 *
 * @param matches specs that select the device with their outcome, the one that applies first
 * @param unmatched names of the specs that do not select it
 */
public record SpecExplanation(List<Match> matches, List<String> unmatched) {

    public SpecExplanation {
        matches = List.copyOf(matches);
        unmatched = List.copyOf(unmatched);
    }

    /** Outcome of a spec that selects the device. */
    public enum Outcome {
        /** It applies. */
        DECIDES,
        /** It has the same priority and the same result as the spec that applies. */
        AGREES,
        /** It has the highest priority but another result, so no spec applies. */
        TIES,
        /** A spec of higher priority selects the device too. */
        OUTRANKED
    }

    /**
     * One spec that selects the device.
     *
     * @param selector index of its first selector that matches
     */
    public record Match(NormalizedSpec spec, int selector, Outcome outcome) {}

    /** @param specs specs that select the device's node, in any order */
    public static SpecExplanation explain(PciDevice device, Collection<NormalizedSpec> specs) {
        List<Match> matches = new ArrayList<>();
        List<String> unmatched = new ArrayList<>();
        for (NormalizedSpec spec :
                specs.stream().sorted(SpecCandidates.BY_PRIORITY).toList()) {
            int selector = findSelector(device, spec);
            if (selector < 0) {
                unmatched.add(spec.specName());
            } else {
                matches.add(new Match(spec, selector, evaluateOutcome(matches, spec)));
            }
        }
        boolean tie = matches.stream().anyMatch(match -> match.outcome() == Outcome.TIES);
        if (tie) {
            matches.replaceAll(match -> match.outcome() == Outcome.OUTRANKED
                    ? match
                    : new Match(match.spec(), match.selector(), Outcome.TIES));
        }
        unmatched.sort(Comparator.naturalOrder());
        return new SpecExplanation(matches, unmatched);
    }

    private static Outcome evaluateOutcome(List<Match> before, NormalizedSpec spec) {
        if (before.isEmpty()) {
            return Outcome.DECIDES;
        }
        NormalizedSpec first = before.getFirst().spec();
        if (spec.spec().priority() < first.spec().priority()) {
            return Outcome.OUTRANKED;
        }
        return spec.hasSameResult(first) ? Outcome.AGREES : Outcome.TIES;
    }

    private static int findSelector(PciDevice device, NormalizedSpec spec) {
        for (int i = 0; i < spec.spec().selectors().size(); i++) {
            if (spec.spec().selectors().get(i).matches(device)) {
                return i;
            }
        }
        return -1;
    }
}
