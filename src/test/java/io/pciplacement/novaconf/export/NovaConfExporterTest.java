package io.pciplacement.novaconf.export;

import static io.pciplacement.novaconf.NovaConfExamples.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.novaconf.ImportResult;
import io.pciplacement.novaconf.NovaConfExamples;
import io.pciplacement.pci.HostDevices;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Export of specs, including those that a nova.conf cannot express. */
class NovaConfExporterTest {

    private static final HostDevices CARDS = NovaConfExamples.readHost("cards");

    @Test
    void exportsTypeParentAndSerialNumberAsAddressesOfKnownHost() {
        List<PciDeviceSpec> specs = List.of(
                spec("vfs", "{selectors: [{parentAddress: '0000:17:00.0'}], priority: 5, resourceClass: vf}"),
                spec("gpu", "{selectors: [{vendorId: '10DE', deviceType: PF}], managed: false, priority: 7}"),
                spec("dpu", "{selectors: [{serialNumber: MT2113X00000, deviceType: PF}], physicalNetwork: p}"));
        assertThat(NovaConfExporter.exportForHost(specs, CARDS).problems()).isEmpty();
        assertThat(NovaConfExporter.exportForHost(specs, CARDS).toNovaConf()).isEqualTo("""
                [pci]
                # PciDeviceSpec dpu
                device_spec = {"vendor_id":"15b3","product_id":"a2d6","address":{"domain":"0000","bus":"17","slot":"00","function":"[0]"},"physical_network":"p"}
                # PciDeviceSpec gpu
                device_spec = {"vendor_id":"10de","product_id":"25b6","address":{"domain":"0000","bus":"5e","slot":"00","function":"[0]"},"managed":"no"}
                # PciDeviceSpec vfs
                device_spec = {"vendor_id":"15b3","product_id":"101e","address":"0000:17:00.1","resource_class":"vf"}
                device_spec = {"vendor_id":"15b3","product_id":"101e","address":"0000:17:00.2","resource_class":"vf"}
                """);
        ExportResult unknown = NovaConfExporter.exportForHost(specs, null);
        assertThat(unknown.entries()).isEmpty();
        assertThat(unknown.problems())
                .hasSize(3)
                .first()
                .isEqualTo("Spec dpu: selectors[0]: a nova.conf cannot select by deviceType, serialNumber;"
                        + " specify a node, and its current devices are listed individually");
    }

    /** The other hosts of a spec may have such devices. */
    @Test
    void selectorWithoutDevicesIsNoDifference() {
        ExportResult result =
                NovaConfExporter.exportForHost(List.of(spec("gone", "{selectors: [{serialNumber: x}]}")), CARDS);
        assertThat(result.problems()).isEmpty();
        assertThat(result.entries()).isEmpty();
        assertThat(result.notes()).containsExactly("Spec gone: selectors[0]: the node has no such device.");
    }

    @Test
    void findsWhatNoHostCanExpress() {
        PciDeviceSpec regex = spec("regex", "{selectors: [{deviceType: PF, addressRegex: {bus: '[[:digit:]]+'}}]}");
        assertThat(NovaConfExporter.findInexpressible(regex, NovaVersion.V34)).isEmpty();
        PciDeviceSpec direct = spec("direct", "{selectors: [{addressRegex: {bus: '[[:digit:]]+'}}]}");
        assertThat(NovaConfExporter.findInexpressible(direct, NovaVersion.V34))
                .singleElement()
                .asString()
                .contains("Spec direct: selectors[0]: addressRegex.bus: not supported by Python");
        PciDeviceSpec once = spec("once", "{selectors: [{deviceType: PCI}], oneTimeUse: true}");
        assertThat(NovaConfExporter.findInexpressible(once, NovaVersion.V32)).isEmpty();
        assertThat(NovaConfExporter.findInexpressible(once, NovaVersion.V31))
                .singleElement()
                .asString()
                .contains("Nova 31 does not know the tag one_time_use");
    }

    @Test
    void reportsConflictsThatNovaResolvesDifferently() {
        List<PciDeviceSpec> tie = List.of(
                spec("a", "{selectors: [{vendorId: '10de', deviceType: PF}], resourceClass: a}"),
                spec("b", "{selectors: [{productId: 25b6, deviceType: PF}], resourceClass: b}"),
                spec("c", "{selectors: [{vendorId: 15b3}], physicalNetwork: p}"));
        assertThat(NovaConfExporter.exportForHost(tie, CARDS).problems())
                .singleElement()
                .asString()
                .startsWith("Specs a versus b select 0000:5e:00.0 with the same priority 100")
                .endsWith("Nova uses the first of them.");
        assertThat(NovaConfExporter.exportForHost(tie, null).problems())
                .contains("Specs a and b conflict at priority 100: for a device that both select,"
                        + " the operator applies neither of them, Nova applies a.")
                .noneMatch(problem -> problem.contains("Specs a and c"));
        assertThat(NovaConfExporter.exportForHost(List.of(spec("both", "{selectors: [{vendorId: 10de}]}")), CARDS)
                        .problems())
                .singleElement()
                .asString()
                .startsWith("PF 0000:5e:00.0 (spec both) and its VF")
                .endsWith("If Nova reports PCI devices to Placement, nova-compute does not start.");
    }

    /** oslo.config treats a dollar sign differently after a backslash. */
    @Test
    void dollarSignsSurviveExportAndImport() {
        for (String bus : List.of("8$", "8\\$", "\\\\$", "[$]1$|\\$")) {
            PciDeviceSpec object = spec("a", "{selectors: [{addressRegex: {bus: '%s'}}]}".formatted(bus));
            ImportResult back = NovaConfExamples.importText(
                    NovaConfExporter.exportForHost(List.of(object), null).toNovaConf());
            assertThat(back.untranslated()).isEmpty();
            assertThat(back.specs()
                            .getFirst()
                            .resource()
                            .getSpec()
                            .selectors()
                            .getFirst()
                            .addressRegex()
                            .bus())
                    .isEqualTo(bus);
        }
    }

    @Test
    void omitsExpressionsThatPythonDoesNotSupport() {
        ExportResult exported = NovaConfExporter.exportForAnyHost(List.of(
                spec(
                        "a",
                        "{selectors: [{addressRegex: {bus: '8(?i)1'}}, {address: ':00.'}], nodeSelector: {matchLabels: {a: b}}}"),
                spec("b", "{selectors: [{address: 'x.y.z'}]}")));
        assertThat(exported.toNovaConf()).contains("device_spec = {\"address\":\":00.\"}\n", "# NOT EQUIVALENT: ");
        assertThat(exported.problems())
                .satisfiesExactly(
                        one -> assertThat(one).contains("have a nodeSelector: a. Specify a node."),
                        one -> assertThat(one)
                                .startsWith("Spec a: selectors[0]: addressRegex.bus: not supported by Python"),
                        one -> assertThat(one)
                                .startsWith("Spec b: selectors[0]")
                                .endsWith("The spec is not exported."));
    }

    @Test
    void exportsNamesThatNovaNormalizesEqually() {
        assertThat(NovaConfExporter.exportForHost(
                                List.of(
                                        spec(
                                                "a",
                                                "{selectors: [{vendorId: 10de}], resourceClass: custom_a-b, traits: ['x,y', 'p-q', CUSTOM_zé]}")),
                                null)
                        .toNovaConf())
                .contains("\"resource_class\":\"CUSTOM_A_B\",\"traits\":\"CUSTOM_X_Y,p-q,CUSTOM_Z_\"");
    }
}
