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
 * Writes PciDeviceSpecs as {@code [pci]device_spec}. What Nova cannot select by (type, parent, serial number) becomes
 * the addresses of the devices that are selected on a host as it is now, where that host is known.
 */
public final class NovaConfExporter {

    /** Which names are standard ones makes no difference to whether two specs want the same. */
    private static final NameNormalizer NAMES = new NameNormalizer(Set.of(), Set.of());

    private final @Nullable HostDevices host;
    private final List<ExportResult.Line> entries = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();

    /** A spec as it is written, and as it is understood. */
    private record Both(PciDeviceSpec object, NormalizedSpec named) {}

    private NovaConfExporter(@Nullable HostDevices host) {
        this.host = host;
    }

    /**
     * @param specs those for the node that the nova.conf is for, in any order
     * @param host its devices, where they are known
     */
    public static ExportResult write(Collection<PciDeviceSpec> specs, @Nullable HostDevices host) {
        return new NovaConfExporter(host).all(specs);
    }

    /** The same where no node is named: a nova.conf has no place for which nodes a spec is for. */
    public static ExportResult writeForAnyNode(Collection<PciDeviceSpec> specs) {
        NovaConfExporter exporter = new NovaConfExporter(null);
        exporter.bound(specs);
        return exporter.all(specs);
    }

    private void bound(Collection<PciDeviceSpec> specs) {
        Set<String> bound = specs.stream()
                .filter(spec ->
                        !PciDeviceSpecMapper.toDeviceSpec(spec).nodeSelector().equals(NodeSelector.ALL))
                .map(spec -> spec.getMetadata().getName())
                .collect(Collectors.toCollection(TreeSet::new));
        if (!bound.isEmpty()) {
            problems.add(
                    "A nova.conf is for the host that it is on, and these specs have a nodeSelector: %s. Name a node."
                            .formatted(String.join(", ", bound)));
        }
    }

    private ExportResult all(Collection<PciDeviceSpec> objects) {
        List<Both> specs = objects.stream()
                .map(object ->
                        new Both(object, NormalizedSpec.normalize(PciDeviceSpecMapper.toDeviceSpec(object), NAMES)))
                .sorted(Comparator.comparingInt(
                                (Both both) -> -both.named().spec().priority())
                        .thenComparing(both -> both.named().specName()))
                .toList();
        specs.forEach(both -> {
            if (both.named().problems().isEmpty()) {
                write(both.object(), both.named());
            } else {
                both.named().problems().forEach(problem -> problems.add(problem.message() + " It is left out."));
            }
        });
        contradictions(specs.stream().map(Both::named).toList());
        return new ExportResult(entries, problems);
    }

    private void write(PciDeviceSpec object, NormalizedSpec named) {
        String name = object.getMetadata().getName();
        for (int i = 0; i < object.getSpec().selectors().size(); i++) {
            NovaEntryWriter selector = new NovaEntryWriter(
                    object.getSpec().selectors().get(i),
                    named.spec().selectors().get(i),
                    named.spec().remoteManaged());
            try {
                for (ObjectNode entry : selector.entries(host)) {
                    tags(object.getSpec(), entry);
                    entries.add(new ExportResult.Line(name, entry.toString()));
                }
            } catch (UntranslatableException e) {
                problems.add("Spec %s: selectors[%d]: %s".formatted(name, i, e.why()));
            }
        }
    }

    private static void tags(PciDeviceSpecSpec spec, ObjectNode entry) throws UntranslatableException {
        if (spec.physicalNetwork() != null) {
            entry.put("physical_network", spec.physicalNetwork());
        }
        if (spec.resourceClass() != null) {
            entry.put(
                    "resource_class",
                    NovaNameRules.forNova(spec.resourceClass(), NovaNameRules.ourClass(spec.resourceClass())));
        }
        if (spec.traits() != null && !spec.traits().isEmpty() && spec.physicalNetwork() == null) {
            List<String> traits = new ArrayList<>();
            for (String trait : spec.traits()) {
                traits.add(NovaNameRules.forNova(trait, NovaNameRules.ourTrait(trait)));
            }
            entry.put("traits", String.join(",", traits));
        }
        put(entry, "remote_managed", Boolean.TRUE.equals(spec.remoteManaged()), "true");
        put(entry, "trusted", Boolean.TRUE.equals(spec.trusted()), "true");
        put(entry, "managed", Boolean.FALSE.equals(spec.managed()), "no");
        put(entry, "live_migratable", Boolean.TRUE.equals(spec.liveMigratable()), "yes");
        put(entry, "one_time_use", Boolean.TRUE.equals(spec.oneTimeUse()), "true");
    }

    private static void put(ObjectNode entry, String tag, boolean wanted, String value) {
        if (wanted) {
            entry.set(tag, JsonNodeFactory.instance.textNode(value));
        }
    }

    /** Where here nobody wins, in Nova the first does; and what here one provider waits for, there all wait for. */
    private void contradictions(List<NormalizedSpec> specs) {
        if (host != null) {
            Resolver.resolve(host, specs)
                    .allFindings()
                    .map(finding -> finding instanceof Finding.PriorityTie
                            ? finding.message() + " In Nova the first of them wins."
                            : finding.message() + " With Nova reporting, nova-compute does not start.")
                    .forEach(problems::add);
            return;
        }
        for (int i = 0; i < specs.size(); i++) {
            for (int j = i + 1; j < specs.size() && samePriority(specs.get(i), specs.get(j)); j++) {
                if (!specs.get(i).hasSameResult(specs.get(j)) && mayMeet(specs.get(i), specs.get(j))) {
                    problems.add(
                            "Specs %s and %s have priority %d and want different things: of a device that both select, here none of them wins, in Nova %s."
                                    .formatted(
                                            specs.get(i).specName(),
                                            specs.get(j).specName(),
                                            specs.get(i).spec().priority(),
                                            specs.get(i).specName()));
                }
            }
        }
    }

    private static boolean samePriority(NormalizedSpec one, NormalizedSpec other) {
        return one.spec().priority() == other.spec().priority();
    }

    private static boolean mayMeet(NormalizedSpec one, NormalizedSpec other) {
        return one.spec().selectors().stream()
                .anyMatch(a -> other.spec().selectors().stream()
                        .anyMatch(b -> meet(a.vendorId(), b.vendorId()) && meet(a.productId(), b.productId())));
    }

    private static boolean meet(int one, int other) {
        return one < 0 || other < 0 || one == other;
    }
}
