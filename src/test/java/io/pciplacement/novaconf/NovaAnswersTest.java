package io.pciplacement.novaconf;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
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
import java.util.Locale;
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

/** What is imported becomes the tree that the real Nova makes: answers.json is its own (hack/tools/nova-answers). */
class NovaAnswersTest {

    private static final Pattern SAID = Pattern.compile("^# (host|here): (.*)$", Pattern.MULTILINE);

    private final JsonNode answers;
    private final NameNormalizer names;

    NovaAnswersTest() throws IOException {
        answers = new JsonMapper()
                .readTree(NovaConfExamples.FOLDER.resolve("answers.json").toFile());
        names = new NameNormalizer(texts(answers.get("resourceClasses")), texts(answers.get("traits")));
    }

    private static Set<String> texts(JsonNode list) {
        Set<String> texts = new TreeSet<>();
        list.forEach(one -> texts.add(one.asText()));
        return texts;
    }

    @Test
    void novaWasAskedAboutEveryExampleAndNoOther() throws IOException {
        assertThat(answers.path("nova").asText()).startsWith("34.");
        try (Stream<String> files = Files.list(NovaConfExamples.FOLDER)
                .map(file -> file.getFileName().toString())) {
            assertThat(files.filter(name -> name.endsWith(".conf")).map(name -> name.replace(".conf", "")))
                    .hasSizeGreaterThan(30)
                    .containsExactlyInAnyOrderElementsOf(answers.path("examples").properties().stream()
                            .map(Map.Entry::getKey)
                            .toList());
        }
    }

    @TestFactory
    Stream<DynamicTest> everyExampleBecomesNovasTree() {
        return answers.path("examples").properties().stream()
                .map(entry -> DynamicTest.dynamicTest(entry.getKey(), () -> compare(entry.getKey(), entry.getValue())));
    }

    private void compare(String name, JsonNode nova) {
        String text = NovaConfExamples.read(NovaConfExamples.FOLDER.resolve(name + ".conf"));
        ImportResult imported = NovaConfExamples.imported(text);
        Resolution here = NovaConfExamples.resolve(
                NovaConfExamples.host(said("host", text)), NovaConfExamples.specs(imported), names);
        if (nova.has("refused")) {
            // Nova reports nothing of the whole host; here it is said of the one entry, or of the one provider.
            Stream<String> why = Stream.concat(
                    imported.refused().stream().map(Diagnostic::toString),
                    here.allFindings().map(Finding::reason));
            assertThat(why).as(nova.toString()).anyMatch(one -> one.contains(said("here", text)));
            return;
        }
        assertThat(imported.refused()).isEmpty();
        assertThat(here.allFindings()).isEmpty();
        TreeMap<String, Provider> ours = new TreeMap<>();
        here.providers()
                .forEach((address, plan) -> ours.put(
                        address.toString().toUpperCase(Locale.ROOT), Provider.of((DesiredProvider.Resolved) plan)));
        assertThat(ours).isNotEmpty().containsExactlyInAnyOrderEntriesOf(told(nova.get("tree")));
    }

    private static String said(String what, String text) {
        Matcher matcher = SAID.matcher(text);
        while (matcher.find()) {
            if (matcher.group(1).equals(what)) {
                return matcher.group(2);
            }
        }
        throw new AssertionError("the example does not say '# %s: ...'".formatted(what));
    }

    private static TreeMap<String, Provider> told(JsonNode tree) {
        TreeMap<String, Provider> told = new TreeMap<>();
        tree.properties().forEach(entry -> {
            var inventory = entry.getValue().get("inventory").properties();
            assertThat(inventory).hasSize(1);
            var only = inventory.iterator().next();
            told.put(
                    entry.getKey(),
                    new Provider(
                            only.getKey(),
                            only.getValue().get("total").asInt(),
                            only.getValue().get("reserved").asInt(),
                            texts(entry.getValue().get("traits"))));
        });
        return told;
    }

    /** What is compared of a provider. */
    private record Provider(String resourceClass, int total, int reserved, Set<String> traits) {

        static Provider of(DesiredProvider.Resolved plan) {
            Set<String> traits = new TreeSet<>(List.of(Trait.MANAGED_PCI_DEVICE.name(), Trait.OWNER_NOVA.name()));
            plan.traits().forEach(trait -> traits.add(trait.name()));
            return new Provider(plan.resourceClass().name(), plan.devices().size(), 0, traits);
        }
    }

    /** Of each name as many as Nova keeps, and none where nova-compute would not start. */
    @TestFactory
    Stream<DynamicTest> everyAliasIsTakenAsNovaTakesIt() {
        return answers.path("aliases")
                .valueStream()
                .map(one -> DynamicTest.dynamicTest(one.get("alias").toString(), () -> {
                    StringBuilder text = new StringBuilder("[pci]\n");
                    one.get("alias")
                            .forEach(alias -> text.append("alias = ")
                                    .append(alias.asText())
                                    .append('\n'));
                    ImportResult imported = NovaConfExamples.imported(text.toString());
                    JsonNode nova = one.get("answer");
                    boolean starts = imported.refused().stream()
                            .noneMatch(remark -> remark.message().contains("nova-compute does not start"));
                    assertThat(starts).as("%s %s", nova, imported.refused()).isEqualTo(!nova.has("refused"));
                    for (ImportResult.Alias alias : imported.aliases()) {
                        for (String request : alias.requests()) {
                            isARequest(request);
                        }
                    }
                    if (imported.refused().isEmpty()) {
                        assertThat(imported.aliases())
                                .map(alias -> alias.from().size())
                                .containsExactlyElementsOf(
                                        nova.valueStream().map(JsonNode::asInt).toList());
                    }
                }));
    }

    /** Held to the schema of the kind, so that the API server takes it. */
    private static void isARequest(String text) throws IOException {
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

    /** What is exported as it is, Python and RE2 both take, and they match the same by it. */
    @TestFactory
    Stream<DynamicTest> everyPortableExpressionMatchesWhatPythonMatches() {
        return answers.path("expressions").properties().stream()
                .map(entry -> DynamicTest.dynamicTest("'" + entry.getKey() + "'", () -> {
                    assertThat(PortableRegex.accepts(entry.getKey())).isTrue();
                    ParseResult<AddressRegex> parsed = AddressRegex.parse(null, entry.getKey(), null, null);
                    if (parsed instanceof ParseResult.Failure<AddressRegex>(String field, String message)) {
                        assertThat(message)
                                .as("beyond what a spec may ask for in %s", field)
                                .contains("may be repeated");
                        return;
                    }
                    AddressRegex regex = ((Success<AddressRegex>) parsed).value();
                    String here = IntStream.rangeClosed(0, PciAddress.MAX_BUS)
                            .mapToObj(bus -> regex.matchesBus(new PciAddress(0, bus, 0, 0)) ? "1" : "0")
                            .collect(Collectors.joining());
                    assertThat(here).isEqualTo(entry.getValue().asText());
                }));
    }

    /** What is exported again is what was imported. */
    @TestFactory
    Stream<DynamicTest> everyExampleSurvivesTheWayBack() {
        return answers.path("examples").properties().stream()
                .map(Map.Entry::getKey)
                .map(name -> DynamicTest.dynamicTest(name, () -> {
                    ImportResult there = NovaConfExamples.imported(
                            NovaConfExamples.read(NovaConfExamples.FOLDER.resolve(name + ".conf")));
                    List<PciDeviceSpec> specs = NovaConfExamples.specs(there);
                    ImportResult back = NovaConfExamples.imported(
                            NovaConfExporter.write(specs, null).text());
                    assertThat(back.refused()).isEmpty();
                    assertThat(NovaConfExamples.specs(back)).isEqualTo(specs);
                }));
    }
}
