package io.pciplacement.planning;

import io.pciplacement.pci.DeviceGroup;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.pci.Selector;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Index of specs by the devices that they may select. Hosts have few kinds of devices and many devices of each kind, so
 * the candidates of a kind are computed once for all hosts that the same specs select. Not thread-safe.
 */
public final class SpecCandidates {

    /** Order by descending priority; specs of equal priority by name, so that the result is deterministic. */
    static final Comparator<NormalizedSpec> BY_PRIORITY = Comparator.<NormalizedSpec>comparingInt(
                    spec -> -spec.spec().priority())
            .thenComparing(NormalizedSpec::specName);

    private final List<Candidate> candidates;
    private final Map<Kind, List<Candidate>> candidatesByKind = new HashMap<>();

    /** Attributes that selectors match, except for the location. */
    private record Kind(int vendorId, int productId, DeviceType type) {}

    /** Spec that may select a device, with the selectors that may match. */
    record Candidate(NormalizedSpec spec, List<Selector> selectors) {

        /** Returns a candidate with the selectors that satisfy the predicate; null if none does. */
        private @Nullable Candidate narrowedTo(Predicate<Selector> predicate) {
            List<Selector> remaining = null;
            for (Selector selector : selectors) {
                if (predicate.test(selector)) {
                    remaining = remaining == null ? new ArrayList<>(selectors.size()) : remaining;
                    remaining.add(selector);
                }
            }
            return remaining == null
                    ? null
                    : remaining.size() == selectors.size() ? this : new Candidate(spec, remaining);
        }

        /** Whether it may select some of these devices, but not all. */
        boolean distinguishes(DeviceGroup group) {
            for (Selector selector : selectors) {
                if (selector.tellsApart(group)) {
                    return true;
                }
            }
            return false;
        }

        /** Whether it selects a device for which it is a candidate. */
        boolean selects(PciDevice device) {
            for (Selector selector : selectors) {
                if (selector.matchesPlace(device)) {
                    return true;
                }
            }
            return false;
        }
    }

    public SpecCandidates(Collection<NormalizedSpec> specs) {
        candidates = specs.stream()
                .sorted(BY_PRIORITY)
                .map(spec -> new Candidate(spec, spec.spec().selectors()))
                .toList();
    }

    public boolean isEmpty() {
        return candidates.isEmpty();
    }

    /** Returns the specs that may select some of these devices, ordered by priority. */
    List<Candidate> candidatesFor(DeviceGroup group) {
        PciDevice first = group.first();
        List<Candidate> known = candidatesByKind.computeIfAbsent(
                new Kind(first.vendorId(), first.productId(), first.type()),
                kind -> narrowCandidates(candidates, selector -> selector.matchesKind(first)));
        return narrowCandidates(known, selector -> selector.matchesBus(group));
    }

    // A loop instead of a stream: on a host with many single devices this is most of the work.
    private static List<Candidate> narrowCandidates(List<Candidate> candidates, Predicate<Selector> predicate) {
        List<Candidate> remaining = null;
        for (Candidate candidate : candidates) {
            Candidate narrowed = candidate.narrowedTo(predicate);
            if (narrowed != null) {
                remaining = remaining == null ? new ArrayList<>(4) : remaining;
                remaining.add(narrowed);
            }
        }
        return remaining == null ? List.of() : remaining;
    }

    /** Returns the addresses of the providers of all devices that any spec selects. */
    public Set<PciAddress> providerAddresses(HostDevices devices) {
        Set<PciAddress> providers = new HashSet<>();
        for (DeviceGroup group : devices.runs()) {
            for (Candidate candidate : candidatesFor(group)) {
                for (PciDevice device : group.devices()) {
                    if (candidate.selects(device)) {
                        providers.add(device.providerAddress());
                    }
                }
            }
        }
        return providers;
    }
}
