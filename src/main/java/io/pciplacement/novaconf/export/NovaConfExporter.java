package io.pciplacement.novaconf.export;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.mapping.PciDeviceSpecMapper;
import io.pciplacement.novaconf.UntranslatableException;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.planning.NodeSelector;
import io.pciplacement.planning.NormalizedSpec;
import io.pciplacement.planning.Resolver;
import io.pciplacement.planning.finding.Finding;
import java.util.ArrayList;
import java.util.Collection;
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

    private final @Nullable HostDevices host;
    private final EntryTagWriter tags;
    private final List<ExportResult.Line> entries = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    private NovaConfExporter(@Nullable HostDevices host, @Nullable NovaVersion version) {
        this.host = host;
        this.tags = new EntryTagWriter(version);
    }

    /**
     * @param specs the specs for the node of the nova.conf, in any order
     * @param host the devices of that node, if known
     */
    public static ExportResult exportForHost(Collection<PciDeviceSpec> specs, @Nullable HostDevices host) {
        return new NovaConfExporter(host, null).exportAll(SpecSequence.of(specs), List.of());
    }

    /**
     * Exports specs without a given node. A nova.conf cannot express a nodeSelector, which is reported as a problem.
     */
    public static ExportResult exportForAnyHost(Collection<PciDeviceSpec> specs) {
        NovaConfExporter exporter = new NovaConfExporter(null, null);
        exporter.reportNodeSelectors(specs);
        return exporter.exportAll(SpecSequence.of(specs), List.of());
    }

    /**
     * Exports specs for a nova-compute that must report exactly the providers that the operator would write, with the
     * operator's ownership trait.
     */
    public static ExportResult exportForNova(ExportRequest request, NovaVersion version) {
        SpecSequence specs = SpecSequence.of(request.specs());
        HostDevices devices = request.devices();
        NovaConfExporter exporter = new NovaConfExporter(devices, version);
        if (devices == null) {
            exporter.notes.add("No devices of the node are known, so a device in use may get another class, with which"
                    + " nova-compute does not start. Export again when the agent has reported them.");
        } else {
            exporter.addUsedDevices(new UsedDeviceWriter(specs, devices, request.usedClasses()));
        }
        specs.entries().stream().filter(SpecSequence.Entry::isValid).forEach(exporter::reportUnknownNames);
        return exporter.exportAll(specs, List.of("report_in_placement = true"));
    }

    /**
     * What a nova.conf of this version cannot express of a spec, whatever devices a host has: expressions that Python
     * does not support, and unknown tags. Empty for an invalid spec.
     */
    public static List<String> findInexpressible(PciDeviceSpec spec, NovaVersion version) {
        SpecSequence.Entry entry = SpecSequence.of(List.of(spec)).entries().getFirst();
        if (!entry.isValid()) {
            return List.of();
        }
        NovaConfExporter exporter = new NovaConfExporter(HostDevices.NONE, version);
        exporter.reportUnknownNames(entry);
        exporter.exportSpec(entry);
        return exporter.problems;
    }

    private void addUsedDevices(UsedDeviceWriter writer) {
        ExportResult used = writer.toEntries(tags);
        entries.addAll(used.entries());
        problems.addAll(used.problems());
        notes.addAll(used.notes());
    }

    private void reportUnknownNames(SpecSequence.Entry spec) {
        tags.describeUnknownTags(spec.spec()).forEach(message -> problems.add(spec.toMessage(message)));
        tags.describeUnknownTraits(spec.spec()).forEach(message -> notes.add(spec.toMessage(message)));
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

    private ExportResult exportAll(SpecSequence specs, List<String> settings) {
        for (SpecSequence.Entry spec : specs.entries()) {
            if (spec.isValid()) {
                exportSpec(spec);
            } else {
                spec.normalized()
                        .problems()
                        .forEach(problem -> problems.add(problem.message() + " The spec is not exported."));
            }
        }
        reportConflicts(specs.normalized());
        return new ExportResult(settings, entries, problems, notes);
    }

    private void exportSpec(SpecSequence.Entry spec) {
        for (int i = 0; i < spec.spec().selectors().size(); i++) {
            NovaEntryWriter writer = new NovaEntryWriter(
                    spec.spec().selectors().get(i),
                    spec.normalized().spec().selectors().get(i),
                    spec.normalized().spec().remoteManaged());
            try {
                List<ObjectNode> written = writer.toEntries(host);
                for (ObjectNode entry : written) {
                    tags.addTags(spec.spec(), entry);
                    entries.add(new ExportResult.Line(spec.name(), "device_spec", entry.toString()));
                }
                if (written.isEmpty()) {
                    notes.add(spec.toMessage("selectors[%d]: the node has no such device.".formatted(i)));
                }
            } catch (UntranslatableException e) {
                problems.add(spec.toMessage("selectors[%d]: %s".formatted(i, e.reason())));
            }
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
