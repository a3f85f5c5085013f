package io.pciplacement.novaconf;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.api.v1alpha1.PciDeviceSpecSpec;
import io.pciplacement.mapping.PciDeviceSpecMapper;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.placement.NameNormalizer;
import io.pciplacement.planning.NodeSelector;
import io.pciplacement.planning.NormalizedSpec;
import io.pciplacement.planning.Resolver;
import io.pciplacement.planning.finding.Finding;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Exporter of PciDeviceSpecs to {@code [pci]device_spec}. Selectors that Nova does not have (type, parent, serial
 * number) become the addresses of the devices that they currently match on a host, if that host is known.
 */
public final class NovaConfExporter {

    /** Whether a name is a standard one does not affect the comparison of two specs. */
    private static final NameNormalizer NAMES = new NameNormalizer(Set.of(), Set.of());

    private final @Nullable HostDevices host;
    private final List<ExportResult.Line> entries = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();

    /** A spec as a resource, and its normalized form. */
    private record SpecPair(PciDeviceSpec resource, NormalizedSpec normalized) {}

    private NovaConfExporter(@Nullable HostDevices host) {
        this.host = host;
    }

    /**
     * @param specs the specs for the node of the nova.conf, in any order
     * @param host the devices of that node, if known
     */
    public static ExportResult exportForHost(Collection<PciDeviceSpec> specs, @Nullable HostDevices host) {
        return new NovaConfExporter(host).exportAll(specs);
    }

    /**
     * Exports specs without a given node. A nova.conf cannot express a nodeSelector, which is reported as a problem.
     */
    public static ExportResult exportForAnyHost(Collection<PciDeviceSpec> specs) {
        NovaConfExporter exporter = new NovaConfExporter(null);
        exporter.reportNodeSelectors(specs);
        return exporter.exportAll(specs);
    }

    private void reportNodeSelectors(Collection<PciDeviceSpec> specs) {
        Set<String> withNodeSelector = specs.stream()
                .filter(spec ->
                        !PciDeviceSpecMapper.toDeviceSpec(spec).nodeSelector().equals(NodeSelector.ALL))
                .map(spec -> spec.getMetadata().getName())
                .collect(Collectors.toCollection(TreeSet::new));
        if (!withNodeSelector.isEmpty()) {
            problems.add("A nova.conf applies to one host, but these specs have a nodeSelector: %s. Specify a node."
                    .formatted(String.join(", ", withNodeSelector)));
        }
    }

    private ExportResult exportAll(Collection<PciDeviceSpec> objects) {
        List<SpecPair> specs = objects.stream()
                .map(object ->
                        new SpecPair(object, NormalizedSpec.normalize(PciDeviceSpecMapper.toDeviceSpec(object), NAMES)))
                .sorted(Comparator.comparingInt(
                                (SpecPair pair) -> -pair.normalized().spec().priority())
                        .thenComparing(pair -> pair.normalized().specName()))
                .toList();
        specs.forEach(pair -> {
            if (pair.normalized().problems().isEmpty()) {
                exportSpec(pair.resource(), pair.normalized());
            } else {
                pair.normalized()
                        .problems()
                        .forEach(problem -> problems.add(problem.message() + " The spec is not exported."));
            }
        });
        reportConflicts(specs.stream().map(SpecPair::normalized).toList());
        return new ExportResult(entries, problems);
    }

    private void exportSpec(PciDeviceSpec resource, NormalizedSpec normalized) {
        String name = resource.getMetadata().getName();
        for (int i = 0; i < resource.getSpec().selectors().size(); i++) {
            NovaEntryWriter writer = new NovaEntryWriter(
                    resource.getSpec().selectors().get(i),
                    normalized.spec().selectors().get(i),
                    normalized.spec().remoteManaged());
            try {
                for (ObjectNode entry : writer.toEntries(host)) {
                    addTags(resource.getSpec(), entry);
                    entries.add(new ExportResult.Line(name, entry.toString()));
                }
            } catch (UntranslatableException e) {
                problems.add("Spec %s: selectors[%d]: %s".formatted(name, i, e.reason()));
            }
        }
    }

    private static void addTags(PciDeviceSpecSpec spec, ObjectNode entry) throws UntranslatableException {
        if (spec.physicalNetwork() != null) {
            entry.put("physical_network", spec.physicalNetwork());
        }
        if (spec.resourceClass() != null) {
            entry.put(
                    "resource_class",
                    NovaNameRules.toNovaConfName(
                            spec.resourceClass(), NovaNameRules.normalizeResourceClass(spec.resourceClass())));
        }
        if (spec.traits() != null && !spec.traits().isEmpty() && spec.physicalNetwork() == null) {
            List<String> traits = new ArrayList<>();
            for (String trait : spec.traits()) {
                traits.add(NovaNameRules.toNovaConfName(trait, NovaNameRules.normalizeTrait(trait)));
            }
            entry.put("traits", String.join(",", traits));
        }
        putTagIf(entry, "remote_managed", Boolean.TRUE.equals(spec.remoteManaged()), "true");
        putTagIf(entry, "trusted", Boolean.TRUE.equals(spec.trusted()), "true");
        putTagIf(entry, "managed", Boolean.FALSE.equals(spec.managed()), "no");
        putTagIf(entry, "live_migratable", Boolean.TRUE.equals(spec.liveMigratable()), "yes");
        putTagIf(entry, "one_time_use", Boolean.TRUE.equals(spec.oneTimeUse()), "true");
    }

    private static void putTagIf(ObjectNode entry, String tag, boolean condition, String value) {
        if (condition) {
            entry.set(tag, JsonNodeFactory.instance.textNode(value));
        }
    }

    /**
     * Reports conflicts between specs. In a tie Nova uses the first spec, and a conflict in one provider stops
     * nova-compute.
     */
    private void reportConflicts(List<NormalizedSpec> specs) {
        if (host != null) {
            Resolver.resolve(host, specs)
                    .allFindings()
                    .map(finding -> finding instanceof Finding.PriorityTie
                            ? finding.message() + " Nova uses the first of them."
                            : finding.message()
                                    + " If Nova reports PCI devices to Placement, nova-compute does not start.")
                    .forEach(problems::add);
            return;
        }
        for (int i = 0; i < specs.size(); i++) {
            for (int j = i + 1; j < specs.size() && havePriorityTie(specs.get(i), specs.get(j)); j++) {
                if (!specs.get(i).hasSameResult(specs.get(j)) && selectorsMayOverlap(specs.get(i), specs.get(j))) {
                    problems.add(
                            "Specs %s and %s conflict at priority %d: for a device that both select, the operator applies neither of them, Nova applies %s."
                                    .formatted(
                                            specs.get(i).specName(),
                                            specs.get(j).specName(),
                                            specs.get(i).spec().priority(),
                                            specs.get(i).specName()));
                }
            }
        }
    }

    private static boolean havePriorityTie(NormalizedSpec one, NormalizedSpec other) {
        return one.spec().priority() == other.spec().priority();
    }

    private static boolean selectorsMayOverlap(NormalizedSpec one, NormalizedSpec other) {
        return one.spec().selectors().stream()
                .anyMatch(a -> other.spec().selectors().stream()
                        .anyMatch(b ->
                                idsOverlap(a.vendorId(), b.vendorId()) && idsOverlap(a.productId(), b.productId())));
    }

    private static boolean idsOverlap(int one, int other) {
        return one < 0 || other < 0 || one == other;
    }
}
