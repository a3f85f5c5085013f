package io.pciplacement.novaconf;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.novaconf.export.NovaConfExporter;
import io.pciplacement.pci.AddressRegex;
import io.pciplacement.pci.ParseResult;
import io.pciplacement.pci.ParseResult.Success;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.NameNormalizer;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.DesiredProvider;
import io.pciplacement.planning.Resolution;
import io.pciplacement.planning.finding.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Imported specs result in the same tree as the real Nova, whose results are in answers.json (hack/tools/nova-answers).
 */
class NovaAnswersTest {

    private static final Pattern COMMENT = Pattern.compile("^# (host|finding): (.*)$", Pattern.MULTILINE);

    private final JsonNode answers;
    private final NameNormalizer names;

    NovaAnswersTest() {
        answers = NovaAnswers.read();
        names = new NameNormalizer(texts(answers.get("resourceClasses")), texts(answers.get("traits")));
    }

    private static Set<String> texts(JsonNode list) {
        Set<String> texts = new TreeSet<>();
        list.forEach(one -> texts.add(one.asText()));
        return texts;
    }

    @Test
    void answersCoverExactlyTheExamples() throws IOException {
        assertThat(answers.path("nova").asText()).startsWith("34.");
        try (Stream<String> files = Files.list(NovaConfExamples.DIRECTORY)
                .map(file -> file.getFileName().toString())) {
            assertThat(files.filter(name -> name.endsWith(".conf")).map(name -> name.replace(".conf", "")))
                    .hasSizeGreaterThan(30)
                    .containsExactlyInAnyOrderElementsOf(answers.path("examples").properties().stream()
                            .map(Map.Entry::getKey)
                            .toList());
        }
    }

    @TestFactory
    Stream<DynamicTest> everyExampleResultsInNovasTree() {
        return answers.path("examples").properties().stream()
                .map(entry -> DynamicTest.dynamicTest(entry.getKey(), () -> compare(entry.getKey(), entry.getValue())));
    }

    private void compare(String name, JsonNode nova) {
        String text = NovaConfExamples.readFile(NovaConfExamples.DIRECTORY.resolve(name + ".conf"));
        ImportResult imported = NovaConfExamples.importText(text);
        Resolution resolution = NovaConfExamples.resolve(
                NovaConfExamples.readHost(commentOf("host", text)), NovaConfExamples.specs(imported), names);
        if (nova.has("rejected")) {
            // Nova reports nothing for the whole host; the operator reports the one entry or the one provider.
            Stream<String> reasons = Stream.concat(
                    imported.untranslated().stream().map(Diagnostic::toString),
                    resolution.allFindings().map(Finding::reason));
            assertThat(reasons).as(nova.toString()).anyMatch(one -> one.contains(commentOf("finding", text)));
            return;
        }
        assertThat(imported.untranslated()).isEmpty();
        assertThat(resolution.allFindings()).isEmpty();
        TreeMap<String, Provider> actual = new TreeMap<>();
        resolution
                .providers()
                .forEach((address, plan) ->
                        actual.put(address.toUpperCaseString(), Provider.of((DesiredProvider.Resolved) plan)));
        assertThat(actual).isNotEmpty().containsExactlyInAnyOrderEntriesOf(expectedTree(nova.get("tree")));
    }

    private static String commentOf(String what, String text) {
        Matcher matcher = COMMENT.matcher(text);
        while (matcher.find()) {
            if (matcher.group(1).equals(what)) {
                return matcher.group(2);
            }
        }
        throw new AssertionError("the example has no comment '# %s: ...'".formatted(what));
    }

    private static TreeMap<String, Provider> expectedTree(JsonNode providers) {
        TreeMap<String, Provider> tree = new TreeMap<>();
        providers.properties().forEach(entry -> {
            var inventory = entry.getValue().get("inventory").properties();
            assertThat(inventory).hasSize(1);
            var only = inventory.iterator().next();
            tree.put(
                    entry.getKey(),
                    new Provider(
                            only.getKey(),
                            only.getValue().get("total").asInt(),
                            only.getValue().get("reserved").asInt(),
                            texts(entry.getValue().get("traits"))));
        });
        return tree;
    }

    /** The compared properties of a provider. */
    private record Provider(String resourceClass, int total, int reserved, Set<String> traits) {

        static Provider of(DesiredProvider.Resolved plan) {
            Set<String> traits = new TreeSet<>(List.of(Trait.MANAGED_PCI_DEVICE.name(), Trait.OWNER_NOVA.name()));
            plan.traits().forEach(trait -> traits.add(trait.name()));
            return new Provider(plan.resourceClass().name(), plan.devices().size(), 0, traits);
        }
    }

    /** Imports as many aliases of each name as Nova does, and none if nova-compute would not start. */
    @TestFactory
    Stream<DynamicTest> acceptsExactlyTheAliasesThatNovaAccepts() {
        return answers.path("aliases")
                .valueStream()
                .map(one -> DynamicTest.dynamicTest(one.get("alias").toString(), () -> {
                    StringBuilder text = new StringBuilder("[pci]\n");
                    one.get("alias")
                            .forEach(alias -> text.append("alias = ")
                                    .append(alias.asText())
                                    .append('\n'));
                    ImportResult imported = NovaConfExamples.importText(text.toString());
                    JsonNode nova = one.get("answer");
                    boolean starts = imported.untranslated().stream()
                            .noneMatch(remark -> remark.message().contains("nova-compute does not start"));
                    assertThat(starts)
                            .as("%s %s", nova, imported.untranslated())
                            .isEqualTo(!nova.has("rejected"));
                    for (ImportResult.Alias alias : imported.aliases()) {
                        for (String request : alias.requests()) {
                            assertValidRequest(request);
                        }
                    }
                    if (imported.untranslated().isEmpty()) {
                        assertThat(imported.aliases())
                                .map(alias -> alias.sources().size())
                                .containsExactlyElementsOf(
                                        nova.valueStream().map(JsonNode::asInt).toList());
                    }
                }));
    }

    /** Validates a request against the schema of the CRD. */
    private static void assertValidRequest(String text) throws IOException {
        JsonNode schema = new YAMLMapper()
                .readTree(Path.of("deploy/crds/pciallocations.pciplacement.io.yaml")
                        .toFile())
                .at("/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/requests/items/properties");
        JsonNode request = new YAMLMapper().readTree(text);
        for (Map.Entry<String, JsonNode> field : request.properties()) {
            JsonNode allowed = schema.path(field.getKey());
            assertThat(allowed.isObject()).as(text).isTrue();
            assertThat(field.getValue().asText().length())
                    .as(text)
                    .isLessThanOrEqualTo(allowed.path("maxLength").asInt(Integer.MAX_VALUE));
            assertThat(field.getValue().asText())
                    .as(text)
                    .matches(
                            field.getValue().isTextual()
                                    ? allowed.path("pattern").asText(".+")
                                    : ".*");
            if (allowed.has("enum")) {
                assertThat(allowed.get("enum")).as(text).contains(field.getValue());
            }
            assertThat(field.getValue()).as(text).doesNotHaveDuplicates();
        }
        assertThat(request.has("name")).as(text).isTrue();
        assertThat(request.has("resourceClass") || (request.has("vendorId") && request.has("productId")))
                .as(text)
                .isTrue();
    }

    /** Python and RE2 both accept an expression that is exported unchanged, and match the same with it. */
    @TestFactory
    Stream<DynamicTest> portableExpressionsMatchAsInPython() {
        return answers.path("expressions").properties().stream()
                .map(entry -> DynamicTest.dynamicTest("'" + entry.getKey() + "'", () -> {
                    assertThat(PortableRegex.isPortable(entry.getKey())).isTrue();
                    ParseResult<AddressRegex> parsed = AddressRegex.parse(null, entry.getKey(), null, null);
                    if (parsed instanceof ParseResult.Failure<AddressRegex>(String field, String message)) {
                        assertThat(message)
                                .as("exceeds the limits of a spec in %s", field)
                                .contains("may be repeated");
                        return;
                    }
                    AddressRegex regex = ((Success<AddressRegex>) parsed).value();
                    String resolution = IntStream.rangeClosed(0, PciAddress.MAX_BUS)
                            .mapToObj(bus -> regex.canMatchOnBusOf(new PciAddress(0, bus, 0, 0)) ? "1" : "0")
                            .collect(Collectors.joining());
                    assertThat(resolution).isEqualTo(entry.getValue().asText());
                }));
    }

    /** Exported specs are the same after another import. */
    @TestFactory
    Stream<DynamicTest> everyExampleSurvivesExportAndImport() {
        return answers.path("examples").properties().stream()
                .map(Map.Entry::getKey)
                .map(name -> DynamicTest.dynamicTest(name, () -> {
                    ImportResult imported = NovaConfExamples.importText(
                            NovaConfExamples.readFile(NovaConfExamples.DIRECTORY.resolve(name + ".conf")));
                    List<PciDeviceSpec> specs = NovaConfExamples.specs(imported);
                    ImportResult reimported = NovaConfExamples.importText(
                            NovaConfExporter.exportForHost(specs, null).toNovaConf());
                    assertThat(reimported.untranslated()).isEmpty();
                    assertThat(NovaConfExamples.specs(reimported)).isEqualTo(specs);
                }));
    }
}
