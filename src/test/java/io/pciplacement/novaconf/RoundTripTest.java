package io.pciplacement.novaconf;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.api.v1alpha1.PciDeviceSpecSpec;
import io.pciplacement.api.v1alpha1.PciDeviceSpecSpec.AddressRegexSpec;
import io.pciplacement.api.v1alpha1.PciDeviceSpecSpec.SelectorSpec;
import io.pciplacement.novaconf.export.ExportRequest;
import io.pciplacement.novaconf.export.ExportResult;
import io.pciplacement.novaconf.export.NovaConfExporter;
import io.pciplacement.novaconf.export.NovaVersion;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.NameNormalizer;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.DesiredProvider;
import io.pciplacement.planning.Resolution;
import io.pciplacement.testing.RandomSpecs;
import io.pciplacement.testing.Specs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Random specs exported to a nova.conf and imported again result in the same tree on any host. */
class RoundTripTest {

    private final Random random = new Random(20261121);

    private <T> T randomOf(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }

    private SelectorSpec selector(boolean expressible) {
        String vendor = random.nextInt(3) == 0 ? "8086" : null;
        String product = randomOf(Arrays.asList(null, null, "1533", "1528", "1515"));
        return switch (random.nextInt(expressible ? 4 : 6)) {
            case 0 -> new SelectorSpec("8086", product, null, null, null, null, null, null);
            case 1 ->
                new SelectorSpec(vendor, product, "0000:81:%02x.*".formatted(slot()), null, null, null, null, null);
            case 2 ->
                new SelectorSpec(
                        vendor,
                        product,
                        "81:%02X.%d".formatted(slot(), random.nextInt(3)),
                        null,
                        null,
                        null,
                        null,
                        null);
            case 3 ->
                new SelectorSpec(
                        vendor,
                        product,
                        null,
                        new AddressRegexSpec(
                                random.nextBoolean() ? "0{4}" : null, "8[0-9]$", null, randomOf(List.of("0", "[1-3]"))),
                        null,
                        null,
                        null,
                        null);
            case 4 -> new SelectorSpec(vendor, null, null, null, "0000:81:%02x.0".formatted(slot()), null, null, null);
            default ->
                new SelectorSpec("8086", product, null, null, null, randomOf(List.of(DeviceType.values())), null, null);
        };
    }

    private int slot() {
        return random.nextInt(4);
    }

    private PciDeviceSpec spec(int number, int priority, boolean expressible) {
        List<SelectorSpec> selectors = new ArrayList<>();
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            selectors.add(selector(expressible));
        }
        boolean hidden = random.nextInt(5) == 0;
        PciDeviceSpec object = new PciDeviceSpec();
        object.getMetadata().setName("spec-" + number);
        object.setSpec(new PciDeviceSpecSpec(
                priority,
                new LabelSelector(),
                selectors,
                hidden ? null : randomOf(Arrays.asList(null, "a b,c", "PGPU", "CUSTOM_x-y", "custom_OK")),
                hidden ? null : randomOf(List.of(List.of(), List.of("x,y", "HW_NIC_SRIOV"), List.of(" fast", "b$a"))),
                hidden ? "physnet0" : null,
                null,
                random.nextInt(5) == 0,
                random.nextInt(5) > 0,
                random.nextInt(5) == 0,
                random.nextInt(5) == 0));
        return object;
    }

    /** The compared part of the tree: the desired provider, or the devices of a conflicting one. */
    private static TreeMap<PciAddress, Object> tree(HostDevices host, List<PciDeviceSpec> specs) {
        Resolution resolution = NovaConfExamples.resolve(host, specs, Specs.NAMES);
        TreeMap<PciAddress, Object> tree = new TreeMap<>();
        resolution
                .providers()
                .forEach((address, plan) -> tree.put(
                        address,
                        switch (plan) {
                            case DesiredProvider.Resolved wanted ->
                                List.of(wanted.devices(), wanted.resourceClass(), wanted.traits());
                            case DesiredProvider.Conflicting contradicted -> List.of(contradicted.devices());
                        }));
        return tree;
    }

    @Test
    void expressibleSpecsSurviveRoundTripOnEveryHost() {
        int providers = 0;
        for (int iteration = 0; iteration < 150; iteration++) {
            List<PciDeviceSpec> specs = new ArrayList<>();
            for (int i = random.nextInt(1, 6); i > 0; i--) {
                specs.add(spec(i, 100 + i, true));
            }
            ExportResult exported = NovaConfExporter.exportForHost(specs, null);
            assertThat(exported.entries()).isNotEmpty();
            ImportResult imported = NovaConfExamples.importText(exported.toNovaConf());
            assertThat(imported.untranslated()).as(exported.toNovaConf()).isEmpty();
            for (int hosts = 0; hosts < 4; hosts++) {
                HostDevices host = RandomSpecs.host(random);
                TreeMap<PciAddress, Object> wanted = tree(host, specs);
                providers += wanted.size();
                assertThat(tree(host, NovaConfExamples.specs(imported)))
                        .as("%s%n%s", exported.toNovaConf(), host)
                        .isEqualTo(wanted);
            }
        }
        assertThat(providers).isGreaterThan(300);
    }

    @Test
    void otherSpecsSurviveRoundTripOnTheirHost() {
        int listed = 0;
        for (int iteration = 0; iteration < 150; iteration++) {
            List<PciDeviceSpec> specs = new ArrayList<>();
            for (int i = random.nextInt(1, 6); i > 0; i--) {
                specs.add(spec(i, 100 + i, false));
            }
            HostDevices host = RandomSpecs.host(random);
            ExportResult exported = NovaConfExporter.exportForHost(specs, host);
            ImportResult imported = NovaConfExamples.importText(exported.toNovaConf());
            assertThat(imported.untranslated()).as(exported.toNovaConf()).isEmpty();
            assertThat(tree(host, NovaConfExamples.specs(imported)))
                    .as("%s%n%s", exported.toNovaConf(), host)
                    .isEqualTo(tree(host, specs));
            listed += Stream.of(exported.toNovaConf().split("\"vendor_id\":\"8086\",\"product_id\"", -1))
                            .toList()
                            .size()
                    - 1;
        }
        assertThat(listed).isGreaterThan(150);
    }

    /** Nova's tree is that of the operator, with all traits: some versions of Nova derive none of them from tags. */
    @Test
    void exportForNovaResultsInTheTreeOfTheOperator() {
        NameNormalizer names = new NameNormalizer(
                Specs.NAMES.resourceClasses(),
                Stream.of(
                                Specs.NAMES.traits().stream(),
                                Stream.of(Trait.OWNER_NOVA, Trait.LIVE_MIGRATABLE, Trait.ONE_TIME_USE)
                                        .map(Trait::name))
                        .flatMap(traits -> traits)
                        .collect(Collectors.toSet()));
        int providers = 0;
        int kept = 0;
        for (int iteration = 0; iteration < 300; iteration++) {
            List<PciDeviceSpec> specs = new ArrayList<>();
            for (int i = random.nextInt(1, 6); i > 0; i--) {
                specs.add(spec(i, 100 + i, random.nextBoolean()));
            }
            HostDevices host = RandomSpecs.host(random);
            SortedMap<PciAddress, DesiredProvider> wanted =
                    NovaConfExamples.resolve(host, specs, names).providers();
            Map<PciAddress, String> used = new TreeMap<>();
            wanted.keySet().stream()
                    .filter(_ -> random.nextInt(3) == 0)
                    .forEach(address -> used.put(address, "CUSTOM_IN_USE"));
            String exported = NovaConfExporter.exportForNova(
                            new ExportRequest(specs, host, used), randomOf(List.of(NovaVersion.values())))
                    .toNovaConf();
            ImportResult imported = NovaConfExamples.importText(exported);
            assertThat(imported.untranslated()).as(exported).isEmpty();
            SortedMap<PciAddress, DesiredProvider> nova = NovaConfExamples.resolve(
                            host, NovaConfExamples.specs(imported), names)
                    .providers();
            assertThat(nova.keySet()).as(exported).isEqualTo(wanted.keySet());
            for (PciAddress address : wanted.keySet()) {
                if (wanted.get(address) instanceof DesiredProvider.Resolved provider) {
                    Set<Trait> traits = new TreeSet<>(provider.traits());
                    traits.addAll(List.of(Trait.OPERATOR_MANAGED, Trait.OWNER_NOVA));
                    ResourceClass resourceClass =
                            used.containsKey(address) ? new ResourceClass(used.get(address)) : provider.resourceClass();
                    DesiredProvider.Resolved actual = (DesiredProvider.Resolved) nova.get(address);
                    assertThat(actual.traits()).as(exported).isEqualTo(traits);
                    assertThat(actual.resourceClass()).as(exported).isEqualTo(resourceClass);
                    assertThat(actual.devices()).isEqualTo(provider.devices());
                    providers++;
                    kept += used.containsKey(address) ? 1 : 0;
                }
            }
        }
        assertThat(providers).isGreaterThan(300);
        assertThat(kept).isGreaterThan(100);
    }
}
