package io.pciplacement.novaconf.export;

import static io.pciplacement.novaconf.NovaConfExamples.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.novaconf.NovaConfExamples;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.testing.Devices;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Export of aliases, which request devices with the class and the traits of a spec. */
class AliasExporterTest {

    private static final HostDevices HOST = Devices.host(
            Devices.pci("0000:81:00.0"), Devices.pf("0000:82:00.0"), Devices.vf("0000:83:00.1", "0000:83:00.0"));

    private static ExportResult export(NovaVersion version, HostDevices host, PciDeviceSpec... specs) {
        return AliasExporter.exportAliases(
                List.of(specs), List.of(new ExportRequest(List.of(specs), host, Map.of())), version);
    }

    private static Stream<String> aliases(ExportResult result) {
        return result.toNovaConf()
                .lines()
                .filter(line -> line.startsWith("alias"))
                .map(line -> line.substring("alias = ".length()));
    }

    @Test
    void aliasRequestsTypeClassAndTraits() {
        ExportResult result = export(
                NovaVersion.V34,
                HOST,
                spec(
                        "gpu",
                        "{selectors: [{productId: '1533'}], resourceClass: gpu, traits: [fast, OWNER_NOVA], oneTimeUse: true, liveMigratable: true}"));
        assertThat(result.problems()).isEmpty();
        assertThat(result.toNovaConf()).isEqualTo("""
                [pci]
                # for nova-api, and for nova-compute if servers are moved; requires [filter_scheduler]pci_in_placement = true
                # in the commands, replace FLAVOR by the name of a flavor, and 1 by the number of devices
                # PciDeviceSpec gpu
                alias = {"name":"gpu","device_type":"type-PCI","resource_class":"gpu","traits":"fast,HW_PCI_LIVE_MIGRATABLE,HW_PCI_ONE_TIME_USE","live_migratable":"yes"}
                # openstack flavor set FLAVOR --property pci_passthrough:alias=gpu:1
                """);
        assertThat(NovaConfExamples.importText(result.toNovaConf()).aliases()).hasSize(1);
    }

    /** nova-api of version 30 rejects unknown fields. */
    @Test
    void liveMigratableIsOmittedForNova30() {
        PciDeviceSpec spec = spec("a", "{selectors: [{productId: '1533'}], resourceClass: a, liveMigratable: true}");
        assertThat(aliases(export(NovaVersion.V30, HOST, spec)))
                .containsExactly(
                        "{\"name\":\"a\",\"device_type\":\"type-PCI\",\"resource_class\":\"a\",\"traits\":\"HW_PCI_LIVE_MIGRATABLE\"}");
        assertThat(export(NovaVersion.V30, HOST, spec).notes()).hasSize(1);
        assertThat(aliases(export(NovaVersion.V31, HOST, spec))).allMatch(alias -> alias.contains("live_migratable"));
    }

    @Test
    void devicesOfSeveralTypesHaveSeveralAliases() {
        assertThat(aliases(export(
                        NovaVersion.V34, HOST, spec("nic", "{selectors: [{vendorId: '8086'}], resourceClass: x}"))))
                .containsExactly(
                        "{\"name\":\"nic-pci\",\"device_type\":\"type-PCI\",\"resource_class\":\"x\"}",
                        "{\"name\":\"nic-pf\",\"device_type\":\"type-PF\",\"resource_class\":\"x\"}",
                        "{\"name\":\"nic-vf\",\"device_type\":\"type-VF\",\"resource_class\":\"x\"}");
        assertThat(aliases(export(NovaVersion.V34, HOST, spec("nic", "{selectors: [{vendorId: '8086'}]}"))))
                .containsExactly(
                        "{\"name\":\"nic-pci-8086-1533\",\"device_type\":\"type-PCI\",\"vendor_id\":\"8086\",\"product_id\":\"1533\"}",
                        "{\"name\":\"nic-pf-8086-1528\",\"device_type\":\"type-PF\",\"vendor_id\":\"8086\",\"product_id\":\"1528\"}",
                        "{\"name\":\"nic-vf-8086-1515\",\"device_type\":\"type-VF\",\"vendor_id\":\"8086\",\"product_id\":\"1515\"}");
    }

    @Test
    void aliasNameIsUnique() {
        ExportResult result = export(
                NovaVersion.V34,
                HOST,
                spec("nic", "{selectors: [{vendorId: '8086'}], resourceClass: x}"),
                spec("nic-vf", "{priority: 200, selectors: [{address: '0000:81:01.0'}], resourceClass: y}"));
        assertThat(aliases(result).map(alias -> alias.replaceAll(".*\"name\":\"([^\"]*).*", "$1")))
                .containsExactly("nic-vf", "nic-pci", "nic-pf");
        assertThat(result.problems())
                .containsExactly(
                        "Spec nic: no alias 'nic-vf', because another spec has this name. Rename one of the two.");
    }

    @Test
    void devicesOfAnotherSpecDoNotCount() {
        assertThat(aliases(export(
                        NovaVersion.V34,
                        HOST,
                        spec("pfs", "{priority: 200, selectors: [{productId: '1528'}], resourceClass: x}"),
                        spec("rest", "{selectors: [{vendorId: '8086'}], resourceClass: y}"))))
                .noneMatch(alias -> alias.contains("rest-pf"))
                .hasSize(3);
    }

    @Test
    void withoutDevicesTheSelectorsCount() {
        ExportResult result = export(
                NovaVersion.V34,
                HostDevices.NONE,
                spec("a", "{selectors: [{deviceType: PF}], resourceClass: x}"),
                spec("b", "{selectors: [{deviceType: PF}, {deviceType: VF}], resourceClass: x}"),
                spec("c", "{selectors: [{vendorId: '10DE', productId: '20b0'}]}"),
                spec("d", "{selectors: [{vendorId: '10de'}]}"));
        assertThat(aliases(result))
                .containsExactly(
                        "{\"name\":\"a\",\"device_type\":\"type-PF\",\"resource_class\":\"x\"}",
                        "{\"name\":\"b\",\"resource_class\":\"x\"}",
                        "{\"name\":\"c\",\"vendor_id\":\"10de\",\"product_id\":\"20b0\"}");
        assertThat(result.problems())
                .singleElement()
                .asString()
                .startsWith("Spec d: no alias, because the spec has no resourceClass");
        assertThat(result.notes()).hasSize(3).allMatch(note -> note.contains("no node has a device of this spec"));
    }

    @Test
    void someSpecsHaveNoAlias() {
        ExportResult result = export(
                NovaVersion.V34,
                HOST,
                spec("net", "{selectors: [{productId: '1533'}], physicalNetwork: p}"),
                spec("dpu", "{selectors: [{productId: '1515'}], remoteManaged: true}"),
                spec("x; rm -rf /", "{selectors: [{productId: '1528'}]}"),
                spec("n".repeat(251), "{selectors: [{productId: '1528'}]}"),
                spec("broken", "{selectors: [{address: 'x.y.z'}]}"));
        assertThat(result.entries()).isEmpty();
        assertThat(result.notes()).hasSize(2).allMatch(note -> note.contains("ports of Neutron"));
        assertThat(result.problems()).hasSize(3);
    }
}
