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
 * Specs, and which of them may select a device. Hosts have few kinds of devices and many of each: which specs a kind
 * may follow is found out once, for all hosts that the same specs select. Not for several threads.
 */
public final class SpecCandidates {

    /** Highest priority first; among equals by name, so that the outcome does not depend on any order. */
    static final Comparator<NormalizedSpec> BY_PRIORITY = Comparator.<NormalizedSpec>comparingInt(
                    spec -> -spec.spec().priority())
            .thenComparing(NormalizedSpec::name);

    private final List<Candidate> all;
    private final Map<Kind, List<Candidate>> ofKind = new HashMap<>();

    /** What selectors look at beside a device's place. */
    private record Kind(int vendorId, int productId, DeviceType type) {}

    /** A spec that may select a device, with those of its selectors that may. */
    record Candidate(NormalizedSpec spec, List<Selector> selectors) {

        /** What of it is left with those of its selectors that may select; null where none may. */
        private @Nullable Candidate with(Predicate<Selector> may) {
            List<Selector> left = null;
            for (Selector selector : selectors) {
                if (may.test(selector)) {
                    left = left == null ? new ArrayList<>(selectors.size()) : left;
                    left.add(selector);
                }
            }
            return left == null ? null : left.size() == selectors.size() ? this : new Candidate(spec, left);
        }

        /** Whether it may select some of these devices, and not others. */
        boolean tellsApart(DeviceGroup run) {
            for (Selector selector : selectors) {
                if (selector.distinguishes(run)) {
                    return true;
                }
            }
            return false;
        }

        /** Whether it selects a device that it is a candidate for. */
        boolean selects(PciDevice device) {
            for (Selector selector : selectors) {
                if (selector.matchesLocation(device)) {
                    return true;
                }
            }
            return false;
        }
    }

    public SpecCandidates(Collection<NormalizedSpec> specs) {
        all = specs.stream()
                .sorted(BY_PRIORITY)
                .map(spec -> new Candidate(spec, spec.spec().selectors()))
                .toList();
    }

    public boolean isEmpty() {
        return all.isEmpty();
    }

    /** Those that may select some of these devices, in the order of priority. */
    List<Candidate> of(DeviceGroup run) {
        PciDevice first = run.firstDevice();
        List<Candidate> known = ofKind.computeIfAbsent(
                new Kind(first.vendorId(), first.productId(), first.type()),
                kind -> narrowed(all, selector -> selector.matchesIdsAndType(first)));
        return narrowed(known, selector -> selector.canMatchOnBusOf(run));
    }

    // A loop: on a host of many single devices this is most of the work.
    private static List<Candidate> narrowed(List<Candidate> candidates, Predicate<Selector> may) {
        List<Candidate> left = null;
        for (Candidate candidate : candidates) {
            Candidate narrowed = candidate.with(may);
            if (narrowed != null) {
                left = left == null ? new ArrayList<>(4) : left;
                left.add(narrowed);
            }
        }
        return left == null ? List.of() : left;
    }

    /** The addresses of the resource providers of all devices that any of them selects. */
    public Set<PciAddress> providers(HostDevices devices) {
        Set<PciAddress> providers = new HashSet<>();
        for (DeviceGroup run : devices.deviceGroups()) {
            for (Candidate candidate : of(run)) {
                for (PciDevice device : run.devices()) {
                    if (candidate.selects(device)) {
                        providers.add(device.providerAddress());
                    }
                }
            }
        }
        return providers;
    }
}
