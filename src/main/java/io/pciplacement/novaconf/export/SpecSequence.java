package io.pciplacement.novaconf.export;

import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.api.v1alpha1.PciDeviceSpecSpec;
import io.pciplacement.mapping.PciDeviceSpecMapper;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.NameNormalizer;
import io.pciplacement.planning.NormalizedSpec;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Sequence of specs in the order in which Nova evaluates their entries: the first that selects a device applies. */
record SpecSequence(List<Entry> entries) {

    /** Whether a name is a standard one does not affect the comparison of two specs. */
    private static final NameNormalizer NAMES = new NameNormalizer(Set.of(), Set.of());

    /** A spec as a resource, and its normalized form. */
    record Entry(PciDeviceSpec resource, NormalizedSpec normalized) {

        String name() {
            return normalized.specName();
        }

        PciDeviceSpecSpec spec() {
            return resource.getSpec();
        }

        String toMessage(String text) {
            return "Spec %s: %s".formatted(name(), text);
        }

        boolean isValid() {
            return normalized.problems().isEmpty();
        }

        private boolean selects(PciDevice device) {
            return normalized.spec().selectors().stream().anyMatch(selector -> selector.matches(device));
        }
    }

    SpecSequence {
        entries = List.copyOf(entries);
    }

    static SpecSequence of(Collection<PciDeviceSpec> specs) {
        return new SpecSequence(specs.stream()
                .map(spec -> new Entry(spec, NormalizedSpec.normalize(PciDeviceSpecMapper.toDeviceSpec(spec), NAMES)))
                .sorted(Comparator.comparingInt(
                                (Entry entry) -> -entry.normalized().spec().priority())
                        .thenComparing(Entry::name))
                .toList());
    }

    List<NormalizedSpec> normalized() {
        return entries.stream().map(Entry::normalized).toList();
    }

    Optional<Entry> findFor(PciDevice device) {
        return entries.stream().filter(entry -> entry.selects(device)).findFirst();
    }
}
