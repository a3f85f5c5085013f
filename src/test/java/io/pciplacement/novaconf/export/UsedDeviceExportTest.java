package io.pciplacement.novaconf.export;

import static io.pciplacement.novaconf.NovaConfExamples.spec;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.testing.Devices;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A device in use keeps its resource class in the export for a nova-compute that writes the providers. */
class UsedDeviceExportTest {

    private static final String TRAITS = "\"traits\":\"CUSTOM_PCI_PLACEMENT_OPERATOR,OWNER_NOVA\"";

    private static final HostDevices HOST = Devices.host(
            Devices.pci("0000:81:00.0"),
            Devices.pci("0000:81:01.0"),
            Devices.pf("0000:82:00.0"),
            Devices.vf("0000:82:00.1", "0000:82:00.0"),
            Devices.vf("0000:82:00.2", "0000:82:00.0"));

    private static ExportResult export(String used, String usedClass, PciDeviceSpec... specs) {
        return NovaConfExporter.exportForNova(
                new ExportRequest(List.of(specs), HOST, Map.of(Devices.at(used), usedClass)), NovaVersion.V34);
    }

    @Test
    void deviceInUsePrecedesItsSpecWithTheOldClass() {
        ExportResult result = export(
                "0000:81:00.0",
                "CUSTOM_OLD",
                spec("gpu", "{selectors: [{productId: '1533'}], resourceClass: new, trusted: true}"));
        assertThat(result.problems()).isEmpty();
        assertThat(result.toNovaConf()).isEqualTo("""
                [pci]
                report_in_placement = true
                # PciDeviceSpec gpu, with the class in use
                device_spec = {"vendor_id":"8086","product_id":"1533","address":"0000:81:00.0","resource_class":"CUSTOM_OLD",%1$s,"trusted":"true"}
                # PciDeviceSpec gpu
                device_spec = {"product_id":"1533","resource_class":"new",%1$s,"trusted":"true"}
                # NOTE: 0000:81:00.0 is in use as CUSTOM_OLD and keeps this class, although spec gpu has new: with another class nova-compute does not start. Export again when it is not in use.
                """.formatted(TRAITS));
    }

    @Test
    void allVfsOfAUsedProviderKeepItsClassAndTheirTags() {
        ExportResult result = export(
                "0000:82:00.0",
                "CUSTOM_OLD",
                spec(
                        "one",
                        "{priority: 109, selectors: [{address: '0000:82:00.1'}], resourceClass: vf, trusted: true}"),
                spec("rest", "{selectors: [{productId: '1515'}], resourceClass: vf}"));
        assertThat(result.entries().subList(0, 2))
                .containsExactly(
                        new ExportResult.Line(
                                "one, with the class in use",
                                "device_spec",
                                "{\"vendor_id\":\"8086\",\"product_id\":\"1515\",\"address\":\"0000:82:00.1\",\"resource_class\":\"CUSTOM_OLD\",%s,\"trusted\":\"true\"}"
                                        .formatted(TRAITS)),
                        new ExportResult.Line(
                                "rest, with the class in use",
                                "device_spec",
                                "{\"vendor_id\":\"8086\",\"product_id\":\"1515\",\"address\":\"0000:82:00.2\",\"resource_class\":\"CUSTOM_OLD\",%s}"
                                        .formatted(TRAITS)));
        assertThat(result.notes()).hasSize(1);
    }

    @Test
    void devicesInUseAreInTheOrderOfTheirAddresses() {
        List<PciDevice> devices = IntStream.range(0, 16)
                .mapToObj(slot -> Devices.pci("0000:81:%02x.0".formatted(slot)))
                .toList();
        ExportResult result = NovaConfExporter.exportForNova(
                new ExportRequest(
                        List.of(spec("a", "{selectors: [{productId: '1533'}]}")),
                        new HostDevices(devices),
                        devices.stream().collect(Collectors.toMap(PciDevice::address, _ -> "CUSTOM_OLD"))),
                NovaVersion.V34);
        assertThat(result.notes()).hasSize(16).isSorted();
    }

    @Test
    void pfInUseIsSelectedWithoutItsVfs() {
        assertThat(export("0000:82:00.0", "CUSTOM_OLD", spec("pf", "{selectors: [{productId: '1528'}]}"))
                        .entries()
                        .getFirst()
                        .json())
                .contains("\"function\":\"[0]\"", "\"resource_class\":\"CUSTOM_OLD\"");
    }

    @Test
    void unchangedClassNeedsNoEntry() {
        for (List<String> same : List.of(
                List.of("CUSTOM_GPU", "resourceClass: gpu"),
                List.of("PGPU", "resourceClass: pgpu"),
                List.of("CUSTOM_PCI_8086_1533", "traits: []"))) {
            ExportResult result = export(
                    "0000:81:00.0",
                    same.getFirst(),
                    spec("a", "{selectors: [{productId: '1533'}], %s}".formatted(same.getLast())));
            assertThat(result.entries()).as(same.toString()).hasSize(1);
            assertThat(result.notes()).isEmpty();
        }
        assertThat(export(
                                "0000:81:00.0",
                                "PGPU",
                                spec("a", "{selectors: [{productId: '1533'}], resourceClass: CUSTOM_PGPU}"))
                        .entries())
                .hasSize(2);
    }

    @Test
    void deviceInUseThatIsHiddenIsReported() {
        ExportResult result = export(
                "0000:81:00.0",
                "CUSTOM_OLD",
                spec("net", "{selectors: [{productId: '1533'}], physicalNetwork: physnet0}"));
        assertThat(result.entries()).hasSize(1);
        assertThat(result.problems())
                .singleElement()
                .asString()
                .startsWith("0000:81:00.0 is in use as CUSTOM_OLD, and spec net has physicalNetwork");
        // Nova keeps the provider of a device in use that is not listed.
        assertThat(export("0000:81:00.0", "CUSTOM_OLD", spec("other", "{selectors: [{productId: '1528'}]}"))
                        .problems())
                .isEmpty();
    }

    @Test
    void usedProvidersComeFromTheStatus() throws JsonProcessingException {
        HostPciInventory host = new YAMLMapper().readValue("""
                metadata: {name: n}
                spec: {rootProvider: {name: n_1}}
                status:
                  providers:
                  - {name: 'n_1_0000:81:00.0', resourceClass: CUSTOM_A, used: 1, state: Held}
                  - {name: 'n_1_0000:81:01.0', resourceClass: CUSTOM_B, used: 0, state: InSync}
                  - {name: 'n_1_0000:82:00.0', resourceClass: CUSTOM_C, state: Planned}
                  - {name: 'n_1_0000:83:00.0', used: 1, state: Conflicting}
                  - {name: 'other_0000:84:00.0', resourceClass: CUSTOM_D, used: 1, state: Held}
                """, HostPciInventory.class);
        assertThat(ExportRequest.of(List.of(), HOST, host).usedClasses())
                .containsExactly(Map.entry(Devices.at("0000:81:00.0"), "CUSTOM_A"));
        assertThat(ExportRequest.of(List.of(), HOST, null).usedClasses()).isEmpty();
    }
}
