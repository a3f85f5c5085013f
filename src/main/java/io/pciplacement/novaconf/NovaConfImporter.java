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
 * Importer of {@code [pci]device_spec} as PciDeviceSpecs. In Nova the first entry that matches a device applies; of the
 * specs, the one with the highest priority does. Adjacent entries with the same tags become selectors of one spec.
 */
public final class NovaConfImporter {

    private static final int MIN_PRIORITY = 100;
    private static final int MAX_PRIORITY = 1000;
    private static final int PRIORITY_STEP = 10;
    private static final int MAX_SELECTORS = 32;

    private final SpecNameGenerator names;
    private final @Nullable LabelSelector nodeSelector;

    /**
     * @param prefix prefix of the names of all specs
     * @param nodeSelector node selector of all specs; null for all nodes
     */
    public NovaConfImporter(String prefix, @Nullable LabelSelector nodeSelector) {
        this.names = new SpecNameGenerator(prefix);
        this.nodeSelector = nodeSelector;
    }

    public ImportResult importOptions(NovaPciOptions options) {
        List<Diagnostic> untranslated = new ArrayList<>(options.problems());
        List<List<DeviceSpecEntry>> groups = new ArrayList<>();
        for (NovaPciOptions.RawEntry entry : options.deviceSpecs()) {
            try {
                addToGroups(groups, DeviceSpecEntry.parseEntry(entry));
            } catch (UntranslatableException e) {
                untranslated.add(new Diagnostic(entry.location(), e.reason(), entry.toString()));
            }
        }
        int step = groups.size() < 2
                ? PRIORITY_STEP
                : Math.min(PRIORITY_STEP, (MAX_PRIORITY - MIN_PRIORITY) / (groups.size() - 1));
        List<ImportResult.Spec> specs = new ArrayList<>();
        for (int i = 0; i < groups.size(); i++) {
            if (step == 0) {
                groups.get(i).forEach(entry -> untranslated.add(tooManyGroups(entry, groups.size())));
            } else {
                specs.add(buildSpec(groups.get(i), MIN_PRIORITY + step * (groups.size() - 1 - i)));
            }
        }
        List<ImportResult.Alias> aliases = AliasParser.parseAliases(options.aliases(), untranslated);
        return new ImportResult(specs, untranslated, aliases);
    }

    private static Diagnostic tooManyGroups(DeviceSpecEntry entry, int groups) {
        return new Diagnostic(
                entry.rawEntry().location(),
                "%d groups of entries need as many priorities, but there are only %d: use one file for each type of host"
                        .formatted(groups, MAX_PRIORITY - MIN_PRIORITY + 1),
                entry.rawEntry().toString());
    }

    private static void addToGroups(List<List<DeviceSpecEntry>> groups, DeviceSpecEntry entry) {
        List<DeviceSpecEntry> last = groups.isEmpty() ? List.of() : groups.getLast();
        if (last.isEmpty()
                || !last.getFirst().tags().equals(entry.tags())
                || distinctSelectors(last).size() == MAX_SELECTORS) {
            groups.add(new ArrayList<>());
        }
        groups.getLast().add(entry);
    }

    private static Set<SelectorSpec> distinctSelectors(List<DeviceSpecEntry> group) {
        Set<SelectorSpec> selectors = new LinkedHashSet<>();
        group.forEach(entry -> selectors.add(entry.selector()));
        return selectors;
    }

    private ImportResult.Spec buildSpec(List<DeviceSpecEntry> group, int priority) {
        DeviceTags tags = group.getFirst().tags();
        PciDeviceSpec resource = new PciDeviceSpec();
        resource.getMetadata().setName(names.generateName(group));
        resource.setSpec(new PciDeviceSpecSpec(
                priority,
                nodeSelector,
                List.copyOf(distinctSelectors(group)),
                tags.resourceClass(),
                tags.traits().isEmpty() ? null : tags.traits(),
                tags.physicalNetwork(),
                tags.remoteManaged() ? true : null,
                tags.trusted() ? true : null,
                tags.managed() ? null : false,
                tags.liveMigratable() ? true : null,
                tags.oneTimeUse() ? true : null));
        List<Diagnostic> sources = group.stream()
                .map(entry -> new Diagnostic(
                        entry.rawEntry().location(), "", entry.rawEntry().toString()))
                .toList();
        List<Diagnostic> notes = group.stream()
                .flatMap(entry -> entry.notes().stream()
                        .map(note -> new Diagnostic(
                                entry.rawEntry().location(),
                                note,
                                entry.rawEntry().toString())))
                .toList();
        return new ImportResult.Spec(resource, sources, notes);
    }
}
