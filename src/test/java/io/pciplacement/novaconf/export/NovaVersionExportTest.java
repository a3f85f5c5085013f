package io.pciplacement.novaconf.export;

import static io.pciplacement.novaconf.NovaConfExamples.spec;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.novaconf.NovaAnswers;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.testing.Devices;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Export for a nova-compute that writes the providers, for each version of Nova. */
class NovaVersionExportTest {

    private static final HostDevices HOST = Devices.host(Devices.pci("0000:81:00.0"), Devices.pci("0000:81:01.0"));
    private static final String OWNERSHIP = "CUSTOM_PCI_PLACEMENT_OPERATOR,OWNER_NOVA";

    private static ExportResult export(NovaVersion version, PciDeviceSpec... specs) {
        return NovaConfExporter.exportForNova(new ExportRequest(List.of(specs), HOST, Map.of()), version);
    }

    private static String traitsOf(String yaml) {
        ExportResult result = export(NovaVersion.V34, spec("a", yaml));
        try {
            return new JsonMapper()
                    .readTree(result.entries().getFirst().json())
                    .path("traits")
                    .asText();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Nova 34 adds the last three itself, some of them also from 31 or 32 on; it does no harm that they are named. */
    @ParameterizedTest
    @CsvSource({
        "V30, ''",
        "V31, ',managed:no,live_migratable:yes'",
        "V32, ',managed:no,live_migratable:yes,one_time_use:true'",
        "V33, ',managed:no,live_migratable:yes,one_time_use:true'",
        "V34, ',managed:no,live_migratable:yes,one_time_use:true'"
    })
    void namesAllTraitsAndTheTagsThatTheVersionKnows(NovaVersion version, String tags) {
        PciDeviceSpec spec = spec("gpu", """
                {selectors: [{vendorId: '8086', productId: '1533'}], resourceClass: gpu, traits: [fast],
                 managed: false, liveMigratable: true, oneTimeUse: true}
                """);
        assertThat(export(version, spec).toNovaConf().lines().limit(4))
                .containsExactly(
                        "[pci]",
                        "report_in_placement = true",
                        "# PciDeviceSpec gpu",
                        "device_spec = {\"vendor_id\":\"8086\",\"product_id\":\"1533\",\"resource_class\":\"gpu\",\"traits\":"
                                + "\"fast,HW_PCI_LIVE_MIGRATABLE,HW_PCI_ONE_TIME_USE,%s\"%s}"
                                        .formatted(OWNERSHIP, tags.replaceAll("([a-z_]+):(\\w+)", "\"$1\":\"$2\"")));
    }

    @Test
    void reportsWhatEachVersionDoesNotKnow() {
        PciDeviceSpec spec = spec("gpu", "{selectors: [{}], managed: false, liveMigratable: true, oneTimeUse: true}");
        assertThat(export(NovaVersion.V30, spec).problems())
                .containsExactly(
                        "Spec gpu: Nova 30 does not know the tag managed, so it is not exported: libvirt rebinds the"
                                + " driver of the devices.",
                        "Spec gpu: Nova 30 does not know the tag live_migratable, so it is not exported: servers with"
                                + " the devices cannot be migrated live.",
                        "Spec gpu: Nova 30 does not know the tag one_time_use, so it is not exported: nova-compute does"
                                + " not reserve a used device.");
        assertThat(export(NovaVersion.V30, spec).notes())
                .containsExactly(
                        "Spec gpu: trait HW_PCI_LIVE_MIGRATABLE is in os-traits since 3.3.0, and Nova 30 accepts 3.1.0."
                                + " An os-traits without it makes Nova report CUSTOM_HW_PCI_LIVE_MIGRATABLE instead."
                                + " Install os-traits 3.3.0 or newer on the compute host.",
                        "Spec gpu: trait HW_PCI_ONE_TIME_USE is in os-traits since 3.4.0, and Nova 30 accepts 3.1.0."
                                + " An os-traits without it makes Nova report CUSTOM_HW_PCI_ONE_TIME_USE instead."
                                + " Install os-traits 3.4.0 or newer on the compute host.");
        assertThat(export(NovaVersion.V31, spec).problems())
                .singleElement()
                .asString()
                .contains("Nova 31 does not know the tag one_time_use");
        assertThat(export(NovaVersion.V31, spec).notes())
                .singleElement()
                .asString()
                .contains("HW_PCI_ONE_TIME_USE is in os-traits since 3.4.0, and Nova 31 accepts 3.3.0");
        for (NovaVersion version : List.of(NovaVersion.V32, NovaVersion.V33, NovaVersion.V34)) {
            assertThat(export(version, spec).problems()).isEmpty();
            assertThat(export(version, spec).notes()).isEmpty();
        }
        assertThat(export(NovaVersion.V34, spec).toNovaConf()).doesNotContain("NOTE");
        assertThat(export(NovaVersion.V31, spec).toNovaConf())
                .contains("# NOT EQUIVALENT: Spec gpu: Nova 31", "# NOTE: Spec gpu: trait HW_PCI_ONE_TIME_USE");
    }

    /** The versions are those that {@code hack/tools/nova-answers} has asked. */
    @ParameterizedTest
    @EnumSource
    void versionsHaveTheTagsAndTheOsTraitsOfTheReleases(NovaVersion version) {
        List<Map.Entry<String, JsonNode>> releases = NovaAnswers.read().path("releases").properties().stream()
                .filter(release -> release.getKey().startsWith(version.number() + "."))
                .toList();
        assertThat(releases).isNotEmpty().allSatisfy(release -> {
            assertThat(release.getValue().path("os-traits").asText())
                    .isEqualTo("3.%d.0".formatted(version.osTraitsMinor()));
            assertThat(release.getValue().path("tags").valueStream().map(JsonNode::asText))
                    .containsExactlyElementsOf(Stream.of("managed", "live_migratable", "one_time_use")
                            .filter(version::supportsTag)
                            .toList());
        });
    }

    @ParameterizedTest
    @CsvSource({
        "V33, HW_CPU_X86_AMXTILE, false",
        "V32, HW_CPU_X86_AMXTILE, true",
        "V34, HW_NVME_WZS, true",
        "V34, HW_NIC_SRIOV, false",
        "V34, HW_PCI_LIVE_MIGRATEABLE, true",
        "V34, hw_nic_sriov, false",
        "V34, fast, false"
    })
    void reportsTraitsThatTheOldestOsTraitsLacks(NovaVersion version, String trait, boolean unknown) {
        assertThat(export(version, spec("a", "{selectors: [{}], traits: [%s]}".formatted(trait)))
                        .notes())
                .hasSize(unknown ? 1 : 0)
                .allMatch(note -> note.startsWith("Spec a: trait %s is in ".formatted(trait)));
    }

    @Test
    void eachTraitAppearsInOneSpelling() {
        assertThat(traitsOf("{selectors: [{}]}")).isEqualTo(OWNERSHIP);
        assertThat(traitsOf("{selectors: [{}], traits: [fast, FAST, custom_fast, 'Custom Fast', custom-fast, Fast]}"))
                .isEqualTo("fast,Custom Fast," + OWNERSHIP);
        assertThat(
                        traitsOf(
                                "{selectors: [{}], traits: [OWNER_NOVA, pci-placement-operator, CUSTOM_PCI_PLACEMENT_OPERATOR]}"))
                .isEqualTo("OWNER_NOVA,pci-placement-operator");
        assertThat(traitsOf("{selectors: [{}], traits: [HW_PCI_LIVE_MIGRATABLE], liveMigratable: true}"))
                .isEqualTo("HW_PCI_LIVE_MIGRATABLE," + OWNERSHIP);
        // Nova and the operator compare a trait with the standard names as it is written.
        assertThat(traitsOf("{selectors: [{}], traits: [hw_nic_sriov, HW_NIC_SRIOV, HW-NIC-SRIOV]}"))
                .isEqualTo("hw_nic_sriov,HW_NIC_SRIOV," + OWNERSHIP);
    }

    @Test
    void devicesOfANetworkHaveNoTraits() {
        ExportResult result = export(
                NovaVersion.V30,
                spec("net", "{selectors: [{}], physicalNetwork: p, traits: [HW_NVME_WZS], trusted: true}"));
        assertThat(result.entries())
                .map(ExportResult.Line::json)
                .containsExactly("{\"physical_network\":\"p\",\"trusted\":\"true\"}");
        assertThat(result.notes()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(NovaVersion.class)
    void orderOfTheInputDoesNotMatter(NovaVersion version) {
        List<PciDeviceSpec> specs = new ArrayList<>(List.of(
                spec("b", "{selectors: [{address: '0000:81:00.0'}], resourceClass: x, oneTimeUse: true}"),
                spec("a", "{selectors: [{address: '0000:81:01.0'}], resourceClass: y, liveMigratable: true}"),
                spec("c", "{priority: 7, selectors: [{vendorId: '8086', deviceType: PCI}], resourceClass: z}")));
        Map<PciAddress, String> used =
                Map.of(Devices.at("0000:81:01.0"), "CUSTOM_OLD", Devices.at("0000:81:00.0"), "CUSTOM_OLDER");
        String first = NovaConfExporter.exportForNova(new ExportRequest(specs, HOST, used), version)
                .toNovaConf();
        Random random = new Random(20261129);
        for (int round = 0; round < 10; round++) {
            Collections.shuffle(specs, random);
            assertThat(NovaConfExporter.exportForNova(new ExportRequest(specs, HOST, used), version)
                            .toNovaConf())
                    .isEqualTo(first);
        }
    }

    @Test
    void unknownDevicesAreNoted() {
        assertThat(NovaConfExporter.exportForNova(new ExportRequest(List.of(), null, Map.of()), NovaVersion.V34)
                        .notes())
                .singleElement()
                .asString()
                .startsWith("No devices of the node are known");
    }

    @ParameterizedTest
    @ValueSource(ints = {29, 35, 0, -1, 340})
    void otherVersionsAreNotSupported(int number) {
        assertThat(NovaVersion.find(number)).isEmpty();
        assertThat(Arrays.stream(NovaVersion.values()).map(NovaVersion::number))
                .containsExactly(30, 31, 32, 33, 34)
                .allMatch(known -> NovaVersion.find(known).isPresent());
    }

    /** The names that the real Nova left unchanged in its answers, with os-traits 3.9.0. */
    @Test
    void indexHasTheTraitsOfTheRealOsTraits() {
        JsonNode answers = NovaAnswers.read();
        assertThat(answers.path("os-traits").asText()).isEqualTo("3.%d.0".formatted(OsTraitsIndex.NEWEST_MINOR));
        assertThat(answers.path("traits"))
                .isNotEmpty()
                .allSatisfy(trait -> assertThat(OsTraitsIndex.contains(trait.asText())
                                || trait.asText().startsWith("CUSTOM_"))
                        .as(trait.asText())
                        .isTrue());
    }
}
