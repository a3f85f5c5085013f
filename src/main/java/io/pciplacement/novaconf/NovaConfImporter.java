package io.pciplacement.novaconf;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.api.v1alpha1.PciDeviceSpecSpec;
import io.pciplacement.api.v1alpha1.PciDeviceSpecSpec.SelectorSpec;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes PciDeviceSpecs of {@code [pci]device_spec}. In Nova the first entry that matches a device wins; here the
 * highest priority does. Neighbours that ask for the same become selectors of one spec.
 */
public final class NovaConfImporter {

    private static final int LOWEST = 100;
    private static final int HIGHEST = 1000;
    private static final int STEP = 10;
    private static final int MAX_SELECTORS = 32;

    private final SpecNameGenerator names;
    private final @Nullable LabelSelector nodes;

    /**
     * @param prefix what the names of all specs begin with
     * @param nodes which nodes the specs are for; null for all
     */
    public NovaConfImporter(String prefix, @Nullable LabelSelector nodes) {
        this.names = new SpecNameGenerator(prefix);
        this.nodes = nodes;
    }

    public ImportResult read(NovaPciOptions written) {
        List<Diagnostic> refused = new ArrayList<>(written.problems());
        List<List<DeviceSpecEntry>> groups = new ArrayList<>();
        for (NovaPciOptions.RawEntry said : written.deviceSpecs()) {
            try {
                group(groups, DeviceSpecEntry.read(said));
            } catch (UntranslatableException e) {
                refused.add(new Diagnostic(said.place(), e.why(), said.toString()));
            }
        }
        int step = groups.size() < 2 ? STEP : Math.min(STEP, (HIGHEST - LOWEST) / (groups.size() - 1));
        List<ImportResult.Spec> specs = new ArrayList<>();
        for (int i = 0; i < groups.size(); i++) {
            if (step == 0) {
                groups.get(i).forEach(entry -> refused.add(tooMany(entry, groups.size())));
            } else {
                specs.add(spec(groups.get(i), LOWEST + step * (groups.size() - 1 - i)));
            }
        }
        List<ImportResult.Alias> aliases = AliasParser.read(written.aliases(), refused);
        return new ImportResult(specs, refused, aliases);
    }

    private static Diagnostic tooMany(DeviceSpecEntry entry, int groups) {
        return new Diagnostic(
                entry.said().place(),
                "%d groups of entries need as many priorities, and there are %d: give each kind of host a file of its own"
                        .formatted(groups, HIGHEST - LOWEST + 1),
                entry.said().toString());
    }

    private static void group(List<List<DeviceSpecEntry>> groups, DeviceSpecEntry entry) {
        List<DeviceSpecEntry> last = groups.isEmpty() ? List.of() : groups.getLast();
        if (last.isEmpty()
                || !last.getFirst().tags().equals(entry.tags())
                || selectors(last).size() == MAX_SELECTORS) {
            groups.add(new ArrayList<>());
        }
        groups.getLast().add(entry);
    }

    private static Set<SelectorSpec> selectors(List<DeviceSpecEntry> group) {
        Set<SelectorSpec> selectors = new LinkedHashSet<>();
        group.forEach(entry -> selectors.add(entry.selector()));
        return selectors;
    }

    private ImportResult.Spec spec(List<DeviceSpecEntry> group, int priority) {
        DeviceTags tags = group.getFirst().tags();
        PciDeviceSpec object = new PciDeviceSpec();
        object.getMetadata().setName(names.name(group));
        object.setSpec(new PciDeviceSpecSpec(
                priority,
                nodes,
                List.copyOf(selectors(group)),
                tags.resourceClass(),
                tags.traits().isEmpty() ? null : tags.traits(),
                tags.physicalNetwork(),
                tags.remoteManaged() ? true : null,
                tags.trusted() ? true : null,
                tags.managed() ? null : false,
                tags.liveMigratable() ? true : null,
                tags.oneTimeUse() ? true : null));
        List<Diagnostic> from = group.stream()
                .map(entry ->
                        new Diagnostic(entry.said().place(), "", entry.said().toString()))
                .toList();
        List<Diagnostic> notes = group.stream()
                .flatMap(entry -> entry.notes().stream()
                        .map(note -> new Diagnostic(
                                entry.said().place(), note, entry.said().toString())))
                .toList();
        return new ImportResult.Spec(object, from, notes);
    }
}
