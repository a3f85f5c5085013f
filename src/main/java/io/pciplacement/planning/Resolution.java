package io.pciplacement.planning;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.finding.Finding;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What the specs make of one host.
 *
 * @param providers what is wanted, by the address that the provider is named after
 * @param tallies what became of each spec that selects a device here, by the spec's name
 */
public record Resolution(SortedMap<PciAddress, DesiredProvider> providers, Map<String, SpecTally> tallies) {

    public static final Resolution NONE = new Resolution(new TreeMap<>(), Map.of());

    public Resolution {
        providers = Collections.unmodifiableSortedMap(new TreeMap<>(providers));
        tallies = Map.copyOf(tallies);
    }

    /**
     * What became of one spec on one host, in devices.
     *
     * @param matched it selects
     * @param tracked it decides, and Placement is told
     * @param shadowed a spec of higher priority decides, or one that wants the same
     * @param conflicting a contradiction keeps from Placement
     */
    public record SpecTally(int matched, int tracked, int shadowed, int conflicting) {

        static final SpecTally ZERO = new SpecTally(0, 0, 0, 0);

        public SpecTally plus(SpecTally other) {
            return new SpecTally(
                    matched + other.matched,
                    tracked + other.tracked,
                    shadowed + other.shadowed,
                    conflicting + other.conflicting);
        }
    }

    /** All contradictions on this host. */
    public Stream<Finding> findings() {
        return providers.values().stream()
                .filter(DesiredProvider.Conflicting.class::isInstance)
                .flatMap(plan -> ((DesiredProvider.Conflicting) plan).findings().stream());
    }
}
