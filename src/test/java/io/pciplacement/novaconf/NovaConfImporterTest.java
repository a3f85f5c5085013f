package io.pciplacement.novaconf;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is beside the tree: names, priorities, notes, and that nothing is lost. */
class NovaConfImporterTest {

    private static String conf(String... values) {
        return "[pci]\n"
                + IntStream.range(0, values.length)
                        .mapToObj(i -> "device_spec = " + values[i] + "\n")
                        .collect(Collectors.joining());
    }

    private static String names(ImportResult imported) {
        return imported.specs().stream()
                .map(spec -> spec.object().getMetadata().getName() + "/"
                        + spec.object().getSpec().priority() + "/"
                        + spec.object().getSpec().selectors().size())
                .collect(Collectors.joining(" "));
    }

    @Test
    void neighboursThatAskForTheSameBecomeOneSpec() {
        ImportResult imported = NovaConfExamples.imported(conf(
                "{\"address\": \"0000:81:00.1\", \"resource_class\": \"CUSTOM_A16\"}",
                "{\"address\": \"0000:81:00.2\", \"resource_class\": \"CUSTOM_A16\"}",
                "{\"address\": \"0000:81:00.2\", \"resource_class\": \"CUSTOM_A16\"}",
                "{\"vendor_id\": \"8086\"}",
                "{\"address\": \"0000:81:00.3\", \"resource_class\": \"CUSTOM_A16\"}",
                "{\"physical_network\": \"Net 0\"}"));
        assertThat(names(imported))
                .isEqualTo("nova-a16/130/2 nova-pci-8086-any/120/1 nova-a16-2/110/1 nova-net-0/100/1");
        assertThat(imported.specs().getFirst().from())
                .extracting(from -> from.place().toString())
                .containsExactly("nova.conf:2", "nova.conf:3", "nova.conf:4");
    }

    @Test
    void manyEntriesFitIntoThePrioritiesThatThereAre() {
        String[] values = IntStream.range(0, 300)
                .mapToObj(i -> "{\"product_id\": \"%x\", \"resource_class\": \"c%d\"}".formatted(i, i))
                .toArray(String[]::new);
        ImportResult imported = NovaConfExamples.imported(conf(values));
        assertThat(imported.specs()).hasSize(300);
        assertThat(imported.specs().getFirst().object().getSpec().priority()).isEqualTo(997);
        assertThat(imported.specs().getLast().object().getSpec().priority()).isEqualTo(100);

        String[] more = IntStream.range(0, 902)
                .mapToObj(i -> "{\"product_id\": \"%x\", \"resource_class\": \"c%d\"}".formatted(i, i))
                .toArray(String[]::new);
        ImportResult tooMany = NovaConfExamples.imported(conf(more));
        assertThat(tooMany.specs()).isEmpty();
        assertThat(tooMany.refused()).hasSize(902);
        assertThat(tooMany.refused().getLast())
                .hasToString("nova.conf:903: 902 groups of entries need as many priorities, and there are 901:"
                        + " give each kind of host a file of its own");
    }

    @Test
    void aSpecHasNoMoreSelectorsThanItMay() {
        String[] values = IntStream.range(0, 40)
                .mapToObj(i -> "{\"address\": \"0000:%x:00.0\"}".formatted(i))
                .toArray(String[]::new);
        assertThat(names(NovaConfExamples.imported(conf(values))))
                .isEqualTo("nova-0000-00-00-0/110/32 nova-0000-20-00-0/100/8");
    }

    @Test
    void whatCannotBeTranslatedIsToldWithItsLineAndTheRestGoesOn() {
        ImportResult imported = NovaConfExamples.imported("""
                [pci]
                device_spec = {"vendor_id": "8086",
                  "product_id": "$product"}
                device_spec = {"address": {"bus": "(?=8)"}}
                device_spec = {"address": {"bus": "8{,1}"}}
                device_spec = {"vendor_id": "8086", "traits": "--"}
                device_spec = [{"vendor_id": "-1"}, {"vendor_id": "10de", "remote_managed": 1, "one_time_use": "y"}]
                device_spec = {"address": {"bus": "8$$", "slot": "0\\$"}, "traits": "CUSTOM_a-b,,"}
                """);
        assertThat(imported.refused().stream().map(Diagnostic::toString))
                .satisfiesExactly(
                        one -> assertThat(one).startsWith("nova.conf:2: $product stands for another option's value"),
                        one -> assertThat(one).startsWith("nova.conf:4: addressRegex.bus: '(?=8)' is not a regular"),
                        one -> assertThat(one).startsWith("nova.conf:5: address: bus: '8{,1}' means something else"),
                        one -> assertThat(one)
                                .isEqualTo(
                                        "nova.conf:6: traits: '--' has no letter or digit, so no name can be derived from it"),
                        one -> assertThat(one).startsWith("nova.conf:7, entry 1: vendor_id: '-1' is negative"),
                        one -> assertThat(one).startsWith("nova.conf:7, entry 2: remote_managed is for VFs"));
        assertThat(imported.refused().getFirst().text())
                .isEqualTo("{\"vendor_id\": \"8086\",\n\"product_id\": \"$product\"}");
        ImportResult.Spec last = imported.specs().getFirst();
        assertThat(last.object().getSpec().selectors().getFirst().addressRegex().bus())
                .isEqualTo("8$");
        assertThat(last.object().getSpec().selectors().getFirst().addressRegex().slot())
                .isEqualTo("0$");
        assertThat(last.notes().stream().map(Diagnostic::toString))
                .containsExactly(
                        "nova.conf:8: traits: Nova makes CUSTOM_A-B of 'CUSTOM_a-b', which Placement refuses; here it is CUSTOM_A_B",
                        "nova.conf:8: traits: nothing between two commas or at an end becomes CUSTOM_ in Nova, which Placement refuses: left out",
                        "nova.conf:8: traits: nothing between two commas or at an end becomes CUSTOM_ in Nova, which Placement refuses: left out");
    }

    @Test
    void anAliasIsToldAsARequest() {
        ImportResult imported = NovaConfExamples.imported("""
                [pci]
                alias = {"name": "A16", "device_type": "type-VF", "resource_class": "GPU_VF",
                         "traits": "blue", "live_migratable": "yes", "numa_policy": "socket"}
                alias = {"name": "x", "vendor": "8086"}
                alias = {"vendor_id": "8086"}
                """);
        assertThat(imported.aliases()).singleElement().satisfies(alias -> {
            assertThat(alias.requests())
                    .containsExactly("{name: \"a16\", count: 1, deviceType: VF, resourceClass: \"GPU_VF\","
                            + " traits: [\"blue\", \"HW_PCI_LIVE_MIGRATABLE\"]}");
            assertThat(alias.difference()).isEqualTo("numa_policy socket has no equal here");
        });
        assertThat(imported.refused().stream().map(Diagnostic::toString))
                .containsExactly(
                        "nova.conf:4: alias: there is no such thing as vendor; nova-compute does not start with it either",
                        "nova.conf:5: alias: it has no name; nova-compute does not start with it either");
    }

    private static List<List<String>> requests(String... aliases) {
        ImportResult imported = aliases(aliases);
        assertThat(imported.refused()).isEmpty();
        return imported.aliases().stream().map(ImportResult.Alias::requests).toList();
    }

    private static ImportResult aliases(String... aliases) {
        return NovaConfExamples.imported("[pci]\n"
                + Stream.of(aliases).map(alias -> "alias = " + alias + "\n").collect(Collectors.joining()));
    }

    /** Nova gives a PF only to an alias that says type-PF. */
    @Test
    void anAliasWithoutATypeIsAnyDeviceButAPf() {
        assertThat(requests("{\"name\": \"rtxpro\", \"vendor_id\": \"10de\", \"product_id\": \"2bb5\"}"))
                .containsExactly(List.of(
                        "{name: \"rtxpro\", count: 1, vendorId: \"10de\", productId: \"2bb5\", deviceType: PCI}",
                        "{name: \"rtxpro\", count: 1, vendorId: \"10de\", productId: \"2bb5\", deviceType: VF}"));
    }

    @Test
    void anAliasThatIsWrittenTwiceIsEitherOfTheTwo() {
        String alias =
                "{\"name\": \"%s\", \"vendor_id\": \"8086\", \"product_id\": \"%s\", \"device_type\": \"type-VF\"}";
        String request = "{name: \"%s\", count: 1, vendorId: \"8086\", productId: \"%s\", deviceType: VF}";
        assertThat(requests(
                        alias.formatted("vf1", "10ca"),
                        alias.formatted("vf2", "10ca"),
                        alias.formatted(" vf1", "f000")))
                .containsExactly(
                        List.of(request.formatted("vf1", "10ca"), request.formatted("vf1", "f000")),
                        List.of(request.formatted("vf2", "10ca")));
    }

    @Test
    void requestsAreWhatTheirKindTakes() {
        assertThat(requests("{\"name\": \"日本\", \"resource_class\": \"gpu\", \"device_type\": \"type-PF\","
                        + " \"traits\": \"a,b,a\", \"live_migratable\": \"no\", \"numa_policy\": \"required\"}"))
                .containsExactly(List.of("{name: \"devices\", count: 1, deviceType: PF, resourceClass: \"gpu\","
                        + " forbiddenTraits: [HW_PCI_LIVE_MIGRATABLE], traits: [\"a\", \"b\"], numaPolicy: required}"));
        assertThat(requests("{\"name\": \"%s\", \"resource_class\": \"gpu\", \"device_type\": \"type-PF\"}"
                                .formatted("-x".repeat(128)))
                        .getFirst()
                        .getFirst())
                .startsWith("{name: \"" + "x-".repeat(31) + "x\", count");
    }

    /** answers.json has what Nova says of each. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"name\": \"gpu\"} | neither resource_class nor both",
                "{\"name\": \"gpu\", \"vendor_id\": \"8086\"} | neither resource_class nor both",
                "{\"name\": \"gpu\", \"vendor_id\": \"80\", \"product_id\": \"1528\"} | not four hexadecimal digits",
                "{\"name\": \"g\", \"resource_class\": \"g\", \"live_migratable\": \"maybe\"} | neither true nor false",
                "{\"name\": \"g\", \"resource_class\": \"g\", \"device_type\": \"vdpa\"} | is none of type-PCI, type-PF, type-VF",
                "{\"name\": \"g\", \"resource_class\": \"g\", \"numa_policy\": \"near\"} | is none of legacy",
                "{\"name\": \"g\", \"resource_class\": \"g\", \"capability_type\": \"usb\"} | is none of pci",
                "{\"name\": \"g\", \"resource_class\": [\"g\"]} | must be a text",
                "[] | an alias must be a dictionary",
                "[{\"name\": \"g\", \"resource_class\": \"g\"}] | an alias must be a dictionary",
            })
    void anAliasThatNovaRefusesIsLeftOut(String alias, String why) {
        assertThat(aliases(alias).aliases()).isEmpty();
        assertThat(aliases(alias).refused())
                .singleElement()
                .asString()
                .contains(why)
                .endsWith("; nova-compute does not start with it either");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"name\": \"g\", \"resource_class\": \"\"} | its resource_class is empty",
                "{\"name\": \"g\", \"resource_class\": \"g\", \"traits\": \"a,\"} | which no provider has",
                "{\"name\": \"g\", \"resource_class\": \"--\"} | has no letter or digit",
                "{\"name\": \"g\", \"vendor_id\": \"８０８６\", \"product_id\": \"1528\"} | which no device has",
            })
    void anAliasThatNeverGetsADeviceIsLeftOut(String alias, String why) {
        assertThat(aliases(alias).aliases()).isEmpty();
        assertThat(aliases(alias).refused())
                .singleElement()
                .asString()
                .contains(why)
                .doesNotContain("does not start");
    }

    @Test
    void aliasesOfOneNameMustAgree() {
        String plain = "{\"name\": \"g\", \"resource_class\": \"g\"}";
        String pf = "{\"name\": \"g\", \"resource_class\": \"g\", \"device_type\": \"type-PF\"}";
        String near =
                "{\"name\": \"g\", \"resource_class\": \"g\", \"device_type\": \"type-PF\", \"numa_policy\": \"required\"}";
        assertThat(aliases(plain, plain).refused()).singleElement().asString().contains("same device_type");
        assertThat(aliases(pf, plain).refused()).singleElement().asString().contains("same device_type");
        assertThat(aliases(pf, near).refused()).singleElement().asString().contains("same numa_policy");
        assertThat(aliases(pf, pf).refused()).isEmpty();
    }

    /** Python's blanks: a no-break space is one, as text that is copied from a page has it. */
    @ParameterizedTest
    @ValueSource(ints = {0x85, 0xa0, 0x2007, 0x202f, 0x3000})
    void blanksArePythons(int codePoint) {
        String blank = Character.toString(codePoint);
        ImportResult imported = NovaConfExamples.imported("""
                [pci]~
                ~device_spec~=~{"vendor_id": "~8086~"}~
                device_spec = {"product_id": "10de", "live_migratable": "ON~", "address": "~81~:00.1"}~
                ~
                """.replace("~", blank));
        assertThat(imported.refused()).isEmpty();
        assertThat(imported.specs()).hasSize(2);
        assertThat(imported.specs()
                        .getFirst()
                        .object()
                        .getSpec()
                        .selectors()
                        .getFirst()
                        .vendorId())
                .isEqualTo("8086");
        assertThat(imported.specs().getLast().object().getSpec().liveMigratable())
                .isTrue();
        assertThat(imported.specs()
                        .getLast()
                        .object()
                        .getSpec()
                        .selectors()
                        .getFirst()
                        .address())
                .isEqualTo("*:81:00.1");
    }

    @Test
    void digitsOfAnyScriptAreDigits() {
        ImportResult imported = NovaConfExamples.imported(conf("{\"vendor_id\": \"８０٨٦\", \"address\": \"８１:00.1\"}"));
        assertThat(imported.refused()).isEmpty();
        assertThat(imported.specs()
                        .getFirst()
                        .object()
                        .getSpec()
                        .selectors()
                        .getFirst()
                        .vendorId())
                .isEqualTo("8086");
        assertThat(NovaConfExamples.imported(conf("{\"vendor_id\": \"８０８é\"}")).refused())
                .singleElement()
                .asString()
                .contains("is not a hexadecimal number");
    }

    @Test
    void anOptionBelongsToASection() {
        ImportResult imported = NovaConfExamples.imported("""
                pci_passthrough_whitelist = {"vendor_id": "8086"}
                [DEFAULT]
                pci_passthrough_whitelist = {"vendor_id": "10de"}
                """);
        assertThat(imported.refused())
                .singleElement()
                .asString()
                .isEqualTo("nova.conf:1: an option before the first [section]; Nova does not read the file at all");
        assertThat(imported.specs()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"physical_network\": [\"a\"]}",
                "{\"physical_network\": {}}",
                "{\"trusted\": [\"true\"]}",
                "{\"remote_managed\": {\"a\": true}}",
                "{\"tag_of_my_own\": []}",
            })
    void aTagIsNoContainer(String entry) {
        assertThat(NovaConfExamples.imported(conf(entry)).refused())
                .singleElement()
                .asString()
                .contains("must be a text: nova-compute fails on it");
    }

    @Test
    void valuesThatNobodyReadsMayBeAnything() {
        ImportResult imported = NovaConfExamples.imported(conf(
                "{\"vendor_id\": \"8086\", \"x\": NaN}",
                "{\"vendor_id\": \"10de\", \"x\": [-Infinity, 1], \"traits\": []}",
                "{\"vendor_id\": \"15b3\", \"physical_network\": true}"));
        assertThat(imported.specs()).hasSize(2);
        assertThat(imported.refused()).singleElement().asString().contains("x: [\"-Infinity\",1] must be a text");
        assertThat(imported.specs().getLast().object().getSpec().physicalNetwork())
                .isEqualTo("True");
    }

    @ParameterizedTest
    @ValueSource(strings = {"8(?i)1", "(?<a>8)1", "[\\w-a]", "(?-i)81", "\\x{38}1", "\\701"})
    void whatOnlyRe2KnowsIsLeftOut(String regex) {
        ImportResult imported = NovaConfExamples.imported(
                conf("{\"address\": {\"bus\": \"%s\"}}".formatted(regex.replace("\\", "\\\\"))));
        assertThat(imported.specs()).isEmpty();
        assertThat(imported.refused())
                .singleElement()
                .asString()
                // The second is beyond what a spec may ask for, too.
                .containsAnyOf("is not in the syntax that Python's", "has a '{' that is not allowed");
    }
}
