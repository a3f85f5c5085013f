package io.pciplacement.novaconf;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.api.v1alpha1.PciDeviceSpecSpec;
import io.pciplacement.pci.HostDevices;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a nova.conf cannot say is said to be so. */
class NovaConfExporterTest {

    private static final HostDevices CARDS = NovaConfExamples.host("cards");

    private static PciDeviceSpec spec(String name, String yaml) {
        PciDeviceSpec object = new PciDeviceSpec();
        object.getMetadata().setName(name);
        try {
            object.setSpec(new YAMLMapper().readValue(yaml, PciDeviceSpecSpec.class));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
        return object;
    }

    @Test
    void typeParentAndSerialNumberBecomeAddressesOfAKnownHost() {
        List<PciDeviceSpec> specs = List.of(
                spec("vfs", "{selectors: [{parentAddress: '0000:17:00.0'}], priority: 5, resourceClass: vf}"),
                spec("gpu", "{selectors: [{vendorId: '10DE', deviceType: PF}], managed: false, priority: 7}"),
                spec("dpu", "{selectors: [{serialNumber: MT2113X00000, deviceType: PF}], physicalNetwork: p}"));
        assertThat(NovaConfExporter.write(specs, CARDS).problems()).isEmpty();
        assertThat(NovaConfExporter.write(specs, CARDS).text()).isEqualTo("""
                [pci]
                # PciDeviceSpec dpu
                device_spec = {"vendor_id":"15b3","product_id":"a2d6","address":{"domain":"0000","bus":"17","slot":"00","function":"[0]"},"physical_network":"p"}
                # PciDeviceSpec gpu
                device_spec = {"vendor_id":"10de","product_id":"25b6","address":{"domain":"0000","bus":"5e","slot":"00","function":"[0]"},"managed":"no"}
                # PciDeviceSpec vfs
                device_spec = {"vendor_id":"15b3","product_id":"101e","address":"0000:17:00.1","resource_class":"vf"}
                device_spec = {"vendor_id":"15b3","product_id":"101e","address":"0000:17:00.2","resource_class":"vf"}
                """);
        ExportResult unknown = NovaConfExporter.write(specs, null);
        assertThat(unknown.entries()).isEmpty();
        assertThat(unknown.problems())
                .hasSize(3)
                .first()
                .isEqualTo("Spec dpu: selectors[0]: a nova.conf cannot select by deviceType, serialNumber;"
                        + " name a node, and the devices that it has now are listed one by one");
        assertThat(NovaConfExporter.write(List.of(spec("gone", "{selectors: [{serialNumber: x}]}")), CARDS)
                        .problems())
                .containsExactly(
                        "Spec gone: selectors[0]: a nova.conf cannot select by serialNumber, and the node has no such device now");
    }

    @Test
    void whereSpecsContradictEachOtherNovaDoesSomethingElse() {
        List<PciDeviceSpec> tie = List.of(
                spec("a", "{selectors: [{vendorId: '10de', deviceType: PF}], resourceClass: a}"),
                spec("b", "{selectors: [{productId: 25b6, deviceType: PF}], resourceClass: b}"),
                spec("c", "{selectors: [{vendorId: 15b3}], physicalNetwork: p}"));
        assertThat(NovaConfExporter.write(tie, CARDS).problems())
                .singleElement()
                .asString()
                .startsWith("Specs a versus b select 0000:5e:00.0 with the same priority 100")
                .endsWith("In Nova the first of them wins.");
        assertThat(NovaConfExporter.write(tie, null).problems())
                .contains("Specs a and b have priority 100 and want different things: of a device that both select,"
                        + " here none of them wins, in Nova a.")
                .noneMatch(problem -> problem.contains("Specs a and c"));
        assertThat(NovaConfExporter.write(List.of(spec("both", "{selectors: [{vendorId: 10de}]}")), CARDS)
                        .problems())
                .singleElement()
                .asString()
                .startsWith("PF 0000:5e:00.0 (spec both) and its VF")
                .endsWith("With Nova reporting, nova-compute does not start.");
    }

    /** What oslo.config makes of dollar signs, with and without a backslash before them. */
    @Test
    void dollarSignsComeBack() {
        for (String bus : List.of("8$", "8\\$", "\\\\$", "[$]1$|\\$")) {
            PciDeviceSpec object = spec("a", "{selectors: [{addressRegex: {bus: '%s'}}]}".formatted(bus));
            ImportResult back = NovaConfExamples.imported(
                    NovaConfExporter.write(List.of(object), null).text());
            assertThat(back.refused()).isEmpty();
            assertThat(back.specs()
                            .getFirst()
                            .object()
                            .getSpec()
                            .selectors()
                            .getFirst()
                            .addressRegex()
                            .bus())
                    .isEqualTo(bus);
        }
    }

    @Test
    void whatPythonDoesNotReadIsLeftOut() {
        ExportResult exported = NovaConfExporter.writeForAnyNode(List.of(
                spec(
                        "a",
                        "{selectors: [{addressRegex: {bus: '8(?i)1'}}, {address: ':00.'}], nodeSelector: {matchLabels: {a: b}}}"),
                spec("b", "{selectors: [{address: 'x.y.z'}]}")));
        assertThat(exported.text()).contains("device_spec = {\"address\":\":00.\"}\n", "# NOT THE SAME: ");
        assertThat(exported.problems())
                .satisfiesExactly(
                        one -> assertThat(one).contains("have a nodeSelector: a. Name a node."),
                        one -> assertThat(one).startsWith("Spec a: selectors[0]: addressRegex.bus: Python has no such"),
                        one -> assertThat(one)
                                .startsWith("Spec b: selectors[0]")
                                .endsWith("It is left out."));
    }

    @Test
    void namesAreWrittenSoThatNovaMakesTheSameOfThem() {
        assertThat(NovaConfExporter.write(
                                List.of(
                                        spec(
                                                "a",
                                                "{selectors: [{vendorId: 10de}], resourceClass: custom_a-b, traits: ['x,y', 'p-q', CUSTOM_zé]}")),
                                null)
                        .text())
                .contains("\"resource_class\":\"CUSTOM_A_B\",\"traits\":\"CUSTOM_X_Y,p-q,CUSTOM_Z_\"");
    }
}
