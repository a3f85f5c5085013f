package io.pciplacement.planning;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.finding.Finding;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Result of the specs for one host.
 *
 * @param providers desired providers by the address in their name
 * @param tallies device counts of each spec that selects a device of the host, by spec name
 */
public record Resolution(SortedMap<PciAddress, DesiredProvider> providers, Map<String, SpecTally> tallies) {

    public static final Resolution NONE = new Resolution(new TreeMap<>(), Map.of());

    public Resolution {
        providers = Collections.unmodifiableSortedMap(new TreeMap<>(providers));
        tallies = Map.copyOf(tallies);
    }

    /**
     * Device counts of one spec on one host.
     *
     * @param matched devices that it selects
     * @param tracked devices to which it applies and that are reported to Placement
     * @param shadowed devices to which another spec of higher priority, or with the same result, applies
     * @param conflicting devices that are not reported because of a conflict
     */
    public record SpecTally(int matched, int tracked, int shadowed, int conflicting) {

        static final SpecTally ZERO = new SpecTally(0, 0, 0, 0);

        public SpecTally combinedWith(SpecTally other) {
            return new SpecTally(
                    matched + other.matched,
                    tracked + other.tracked,
                    shadowed + other.shadowed,
                    conflicting + other.conflicting);
        }
    }

    /** Returns all conflicts on this host. */
    public Stream<Finding> allFindings() {
        return providers.values().stream()
                .filter(DesiredProvider.Conflicting.class::isInstance)
                .flatMap(desired -> ((DesiredProvider.Conflicting) desired).findings().stream());
    }
}
