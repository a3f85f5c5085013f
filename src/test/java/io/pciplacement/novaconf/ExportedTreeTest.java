package io.pciplacement.novaconf;

import static io.pciplacement.novaconf.NovaConfExamples.spec;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.novaconf.export.ExportRequest;
import io.pciplacement.novaconf.export.NovaConfExporter;
import io.pciplacement.novaconf.export.NovaVersion;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.placement.NameNormalizer;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.HostProviderTree;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.testing.SyncRequests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Providers that the operator plans for a host, and the configuration that it exports for them, as files with which
 * {@code hack/tools/nova-answers} asks Nova what it would write. {@code -Dgoldens=write} updates them.
 */
class ExportedTreeTest {

    static final Path DIRECTORY = NovaConfExamples.DIRECTORY.resolve("exported");

    private static final HostDevices HOST = NovaConfExamples.readHost("exported/devices");
    private static final List<PciDeviceSpec> SPECS = List.of(
            spec("gpus", "{selectors: [{vendorId: '10de', productId: '2331'}], resourceClass: gpu, traits: [fast]}"),
            spec("nvme", "{selectors: [{vendorId: '144d', productId: 'a80a'}], resourceClass: nvme, oneTimeUse: true}"),
            spec("vfs", "{selectors: [{parentAddress: '0000:83:00.0'}], resourceClass: nic-vf, liveMigratable: true}"));

    @TestFactory
    Stream<DynamicTest> filesHaveWhatTheOperatorPlansAndExports() throws JsonProcessingException {
        Map<String, String> files = new TreeMap<>(Map.of("tree.json", plannedTree()));
        Arrays.stream(NovaVersion.values())
                .forEach(version -> files.put("nova-%d.conf".formatted(version.number()), export(version)));
        return files.entrySet().stream()
                .map(file -> DynamicTest.dynamicTest(file.getKey(), () -> compare(file.getKey(), file.getValue())));
    }

    private static void compare(String name, String text) throws IOException {
        if ("write".equals(System.getProperty("goldens"))) {
            Files.writeString(DIRECTORY.resolve(name), text);
        }
        assertThat(DIRECTORY.resolve(name)).hasContent(text);
    }

    private static String export(NovaVersion version) {
        return NovaConfExporter.exportForNova(new ExportRequest(SPECS, HOST, Map.of()), version)
                .toNovaConf();
    }

    /** The providers by address, with inventories and traits. */
    private static String plannedTree() throws JsonProcessingException {
        NameNormalizer names = new NameNormalizer(
                Set.of(),
                Set.of(
                        Trait.MANAGED_PCI_DEVICE.name(),
                        Trait.OWNER_NOVA.name(),
                        Trait.LIVE_MIGRATABLE.name(),
                        Trait.ONE_TIME_USE.name()));
        HostProviderTree tree = new HostProviderTree(
                "host", new UUID(0, 1), OwnershipTraits.DEFAULT.resolveTraits(trait -> true), false);
        JsonMapper mapper =
                JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
        ObjectNode providers = mapper.createObjectNode();
        for (ProviderDecision decision :
                SyncRequests.compare(HOST, NovaConfExamples.resolve(HOST, SPECS, names), tree, Map.of())) {
            ObjectNode provider = providers.putObject(
                    decision.name().substring(tree.rootName().length() + 1));
            ObjectNode inventories = provider.putObject("inventory");
            decision.inventories()
                    .forEach((resourceClass, inventory) -> inventories
                            .putObject(resourceClass.name())
                            .put("total", inventory.total())
                            .put("max_unit", inventory.maxUnit()));
            JsonNode traits = mapper.valueToTree(
                    decision.traits().stream().map(Trait::name).toList());
            provider.set("traits", traits);
        }
        return mapper.writeValueAsString(providers) + "\n";
    }
}
