package io.pciplacement.novaconf.export;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.api.v1alpha1.PciDeviceSpecSpec;
import io.pciplacement.novaconf.NovaNameRules;
import io.pciplacement.novaconf.UntranslatableException;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.pci.Selector;
import io.pciplacement.planning.DesiredProvider;
import io.pciplacement.planning.Resolver;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Exporter of PciDeviceSpecs to {@code [pci]alias}: an alias requests one device with the class and the traits of its
 * spec. Nova accepts one device type per alias, and with {@code pci_in_placement} one entry per name, so a spec for
 * devices of several types has several aliases.
 */
public final class AliasExporter {

    private static final List<String> HEADER = List.of(
            "# for nova-api, and for nova-compute if servers are moved; requires [filter_scheduler]pci_in_placement = true",
            "# in the commands, replace FLAVOR by the name of a flavor, and 1 by the number of devices");

    /** The value of an extra spec, the alias and its count, has at most 255 characters. */
    private static final Pattern VALID_NAME = Pattern.compile("[a-z0-9][a-z0-9.-]{0,249}");

    private final NovaVersion version;
    private final Map<String, SortedSet<DeviceModel>> modelsBySpec = new HashMap<>();
    private final Set<String> names = new HashSet<>();
    private final List<ExportResult.Line> aliases = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    /**
     * What an alias requests besides class and traits.
     *
     * @param type null if no device is known
     * @param vendorId -1 if the class identifies the devices, as for productId
     */
    private record DeviceModel(@Nullable DeviceType type, int vendorId, int productId)
            implements Comparable<DeviceModel> {

        private static final Comparator<DeviceModel> ORDER = Comparator.comparing(
                        (DeviceModel model) -> String.valueOf(model.type))
                .thenComparingInt(DeviceModel::vendorId)
                .thenComparingInt(DeviceModel::productId);

        @Override
        public int compareTo(DeviceModel other) {
            return ORDER.compare(this, other);
        }
    }

    private AliasExporter(NovaVersion version) {
        this.version = version;
    }

    /**
     * @param specs the specs to export, in any order
     * @param nodes the nodes whose devices determine the types of devices of each spec
     */
    public static ExportResult exportAliases(
            Collection<PciDeviceSpec> specs, Collection<ExportRequest> nodes, NovaVersion version) {
        AliasExporter exporter = new AliasExporter(version);
        nodes.forEach(exporter::collectModels);
        specs.forEach(spec -> exporter.names.add(spec.getMetadata().getName()));
        SpecSequence.of(specs).entries().forEach(exporter::exportSpec);
        return new ExportResult(HEADER, exporter.aliases, exporter.problems, exporter.notes);
    }

    private void collectModels(ExportRequest node) {
        if (node.devices() == null) {
            return;
        }
        SpecSequence specs = SpecSequence.of(node.specs());
        for (DesiredProvider plan :
                Resolver.resolve(node.devices(), specs.normalized()).providers().values()) {
            if (plan instanceof DesiredProvider.Resolved) {
                plan.devices()
                        .forEach(device -> specs.findFor(device)
                                .ifPresent(spec -> modelsBySpec
                                        .computeIfAbsent(spec.name(), _ -> new TreeSet<>())
                                        .add(toModel(spec.spec(), device))));
            }
        }
    }

    private static DeviceModel toModel(PciDeviceSpecSpec spec, PciDevice device) {
        return spec.resourceClass() == null
                ? new DeviceModel(device.type(), device.vendorId(), device.productId())
                : new DeviceModel(device.type(), -1, -1);
    }

    private void exportSpec(SpecSequence.Entry spec) {
        if (!spec.isValid()) {
            spec.normalized()
                    .problems()
                    .forEach(problem -> problems.add(problem.message() + " The spec has no alias."));
        } else if (spec.spec().physicalNetwork() != null
                || spec.normalized().spec().remoteManaged()) {
            notes.add(spec.toMessage("no alias, because servers get these devices by ports of Neutron."));
        } else {
            exportValidSpec(spec);
        }
    }

    private void exportValidSpec(SpecSequence.Entry spec) {
        SortedSet<DeviceModel> models = modelsBySpec.getOrDefault(spec.name(), new TreeSet<>());
        try {
            if (models.isEmpty()) {
                models = new TreeSet<>(List.of(modelOfSelectors(spec)));
                notes.add(spec.toMessage(
                        "no node has a device of this spec. Its alias is derived from the selectors and, without"
                                + " device_type, does not request PFs. Export again when a node has one."));
            }
            for (DeviceModel model : models) {
                String name = toAliasName(spec.name(), nameSuffix(model, models));
                aliases.add(new ExportResult.Line(
                        spec.name(), "alias", toAlias(name, spec.spec(), model).toString()));
                aliases.add(ExportResult.Line.comment(
                        spec.name(),
                        "openstack flavor set FLAVOR --property pci_passthrough:alias=%s:1".formatted(name)));
            }
        } catch (UntranslatableException e) {
            problems.add(spec.toMessage(e.reason()));
        }
        new EntryTagWriter(version)
                .describeUnknownTraits(spec.spec())
                .forEach(message -> notes.add(spec.toMessage(message)));
    }

    /** The model that all selectors of a spec have in common. */
    private static DeviceModel modelOfSelectors(SpecSequence.Entry spec) throws UntranslatableException {
        List<Selector> selectors = spec.normalized().spec().selectors();
        Selector first = selectors.getFirst();
        DeviceType type =
                selectors.stream().allMatch(selector -> selector.type() == first.type()) ? first.type() : null;
        if (spec.spec().resourceClass() != null) {
            return new DeviceModel(type, -1, -1);
        }
        if (first.vendorId() < 0
                || first.productId() < 0
                || selectors.stream()
                        .anyMatch(other ->
                                other.vendorId() != first.vendorId() || other.productId() != first.productId())) {
            throw new UntranslatableException("no alias, because the spec has no resourceClass, its selectors do not"
                    + " name one vendorId and productId, and no node has such a device. Set resourceClass.");
        }
        return new DeviceModel(type, first.vendorId(), first.productId());
    }

    /** With {@code pci_in_placement} nova-api does not accept two entries of one name. */
    private String toAliasName(String spec, String suffix) throws UntranslatableException {
        String name = spec + suffix;
        if (!VALID_NAME.matcher(name).matches()) {
            throw new UntranslatableException(
                    "no alias '%s', because it is not a name of Kubernetes, or is longer than 250 characters. Rename the spec."
                            .formatted(name));
        }
        if (!suffix.isEmpty() && !names.add(name)) {
            throw new UntranslatableException(
                    "no alias '%s', because another spec has this name. Rename one of the two.".formatted(name));
        }
        return name;
    }

    /** Distinguishes the aliases of one spec. */
    private static String nameSuffix(DeviceModel model, SortedSet<DeviceModel> all) {
        StringBuilder suffix = new StringBuilder();
        if (all.stream().anyMatch(other -> other.type() != model.type())) {
            suffix.append('-').append(String.valueOf(model.type()).toLowerCase(Locale.ROOT));
        }
        if (all.stream()
                .anyMatch(other -> other.vendorId() != model.vendorId() || other.productId() != model.productId())) {
            suffix.append("-%04x-%04x".formatted(model.vendorId(), model.productId()));
        }
        return suffix.toString();
    }

    private ObjectNode toAlias(String name, PciDeviceSpecSpec spec, DeviceModel model) throws UntranslatableException {
        ObjectNode alias = JsonNodeFactory.instance.objectNode().put("name", name);
        if (model.type() != null) {
            alias.put("device_type", "type-" + model.type());
        }
        String resourceClass = spec.resourceClass();
        if (resourceClass != null) {
            alias.put(
                    "resource_class",
                    NovaNameRules.toNovaConfName(resourceClass, NovaNameRules.normalizeResourceClass(resourceClass)));
        } else {
            alias.put("vendor_id", PciDevice.formatId(model.vendorId()));
            alias.put("product_id", PciDevice.formatId(model.productId()));
        }
        Collection<String> traits =
                TraitListBuilder.ofSpec(spec).removeOwnershipTraits().build();
        if (!traits.isEmpty()) {
            alias.put("traits", String.join(",", traits));
        }
        if (Boolean.TRUE.equals(spec.liveMigratable()) && version.supportsLiveMigratableAlias()) {
            alias.put("live_migratable", "yes");
        }
        return alias;
    }
}
