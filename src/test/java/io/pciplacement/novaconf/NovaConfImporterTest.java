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

/** Names, priorities, notes and diagnostics of the import. */
class NovaConfImporterTest {

    private static String conf(String... values) {
        return "[pci]\n"
                + IntStream.range(0, values.length)
                        .mapToObj(i -> "device_spec = " + values[i] + "\n")
                        .collect(Collectors.joining());
    }

    private static String names(ImportResult imported) {
        return imported.specs().stream()
                .map(spec -> spec.resource().getMetadata().getName() + "/"
                        + spec.resource().getSpec().priority() + "/"
                        + spec.resource().getSpec().selectors().size())
                .collect(Collectors.joining(" "));
    }

    @Test
    void mergesAdjacentEntriesWithEqualTags() {
        ImportResult imported = NovaConfExamples.importText(conf(
                "{\"address\": \"0000:81:00.1\", \"resource_class\": \"CUSTOM_A16\"}",
                "{\"address\": \"0000:81:00.2\", \"resource_class\": \"CUSTOM_A16\"}",
                "{\"address\": \"0000:81:00.2\", \"resource_class\": \"CUSTOM_A16\"}",
                "{\"vendor_id\": \"8086\"}",
                "{\"address\": \"0000:81:00.3\", \"resource_class\": \"CUSTOM_A16\"}",
                "{\"physical_network\": \"Net 0\"}"));
        assertThat(names(imported))
                .isEqualTo("nova-a16/130/2 nova-pci-8086-any/120/1 nova-a16-2/110/1 nova-net-0/100/1");
        assertThat(imported.specs().getFirst().sources())
                .extracting(from -> from.location().toString())
                .containsExactly("nova.conf:2", "nova.conf:3", "nova.conf:4");
    }

    @Test
    void distributesManyEntriesOverThePriorities() {
        String[] values = IntStream.range(0, 300)
                .mapToObj(i -> "{\"product_id\": \"%x\", \"resource_class\": \"c%d\"}".formatted(i, i))
                .toArray(String[]::new);
        ImportResult imported = NovaConfExamples.importText(conf(values));
        assertThat(imported.specs()).hasSize(300);
        assertThat(imported.specs().getFirst().resource().getSpec().priority()).isEqualTo(997);
        assertThat(imported.specs().getLast().resource().getSpec().priority()).isEqualTo(100);

        String[] more = IntStream.range(0, 902)
                .mapToObj(i -> "{\"product_id\": \"%x\", \"resource_class\": \"c%d\"}".formatted(i, i))
                .toArray(String[]::new);
        ImportResult tooMany = NovaConfExamples.importText(conf(more));
        assertThat(tooMany.specs()).isEmpty();
        assertThat(tooMany.untranslated()).hasSize(902);
        assertThat(tooMany.untranslated().getLast())
                .hasToString("nova.conf:903: 902 groups of entries need as many priorities, but there are only 901:"
                        + " use one file for each type of host");
    }

    @Test
    void limitsSelectorsPerSpec() {
        String[] values = IntStream.range(0, 40)
                .mapToObj(i -> "{\"address\": \"0000:%x:00.0\"}".formatted(i))
                .toArray(String[]::new);
        assertThat(names(NovaConfExamples.importText(conf(values))))
                .isEqualTo("nova-0000-00-00-0/110/32 nova-0000-20-00-0/100/8");
    }

    @Test
    void reportsUntranslatableEntriesWithTheirLineAndImportsTheRest() {
        ImportResult imported = NovaConfExamples.importText("""
                [pci]
                device_spec = {"vendor_id": "8086",
                  "product_id": "$product"}
                device_spec = {"address": {"bus": "(?=8)"}}
                device_spec = {"address": {"bus": "8{,1}"}}
                device_spec = {"vendor_id": "8086", "traits": "--"}
                device_spec = [{"vendor_id": "-1"}, {"vendor_id": "10de", "remote_managed": 1, "one_time_use": "y"}]
                device_spec = {"address": {"bus": "8$$", "slot": "0\\$"}, "traits": "CUSTOM_a-b,,"}
                """);
        assertThat(imported.untranslated().stream().map(Diagnostic::toString))
                .satisfiesExactly(
                        one -> assertThat(one)
                                .startsWith("nova.conf:2: $product refers to the value of another option"),
                        one -> assertThat(one).startsWith("nova.conf:4: addressRegex.bus: '(?=8)' is not a regular"),
                        one -> assertThat(one).startsWith("nova.conf:5: address: bus: '8{,1}' has a different meaning"),
                        one -> assertThat(one)
                                .isEqualTo(
                                        "nova.conf:6: traits: '--' has no letter or digit, so no name can be derived from it"),
                        one -> assertThat(one).startsWith("nova.conf:7, entry 1: vendor_id: '-1' is negative"),
                        one -> assertThat(one).startsWith("nova.conf:7, entry 2: remote_managed applies to VFs"));
        assertThat(imported.untranslated().getFirst().text())
                .isEqualTo("{\"vendor_id\": \"8086\",\n\"product_id\": \"$product\"}");
        ImportResult.Spec last = imported.specs().getFirst();
        assertThat(last.resource()
                        .getSpec()
                        .selectors()
                        .getFirst()
                        .addressRegex()
                        .bus())
                .isEqualTo("8$");
        assertThat(last.resource()
                        .getSpec()
                        .selectors()
                        .getFirst()
                        .addressRegex()
                        .slot())
                .isEqualTo("0$");
        assertThat(last.notes().stream().map(Diagnostic::toString))
                .containsExactly(
                        "nova.conf:8: traits: Nova changes 'CUSTOM_a-b' to CUSTOM_A-B, which Placement rejects; the operator uses CUSTOM_A_B",
                        "nova.conf:8: traits: an empty name becomes CUSTOM_ in Nova, which Placement rejects: omitted",
                        "nova.conf:8: traits: an empty name becomes CUSTOM_ in Nova, which Placement rejects: omitted");
    }

    @Test
    void importsAliasAsRequest() {
        ImportResult imported = NovaConfExamples.importText("""
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
            assertThat(alias.difference()).isEqualTo("numa_policy socket has no equivalent in a PciAllocation");
        });
        assertThat(imported.untranslated().stream().map(Diagnostic::toString))
                .containsExactly(
                        "nova.conf:4: alias: unknown field vendor; nova-compute does not start with it either",
                        "nova.conf:5: alias: name is missing; nova-compute does not start with it either");
    }

    private static List<List<String>> requests(String... aliases) {
        ImportResult imported = aliases(aliases);
        assertThat(imported.untranslated()).isEmpty();
        return imported.aliases().stream().map(ImportResult.Alias::requests).toList();
    }

    private static ImportResult aliases(String... aliases) {
        return NovaConfExamples.importText("[pci]\n"
                + Stream.of(aliases).map(alias -> "alias = " + alias + "\n").collect(Collectors.joining()));
    }

    /** Nova assigns a PF only to an alias with type-PF. */
    @Test
    void aliasWithoutTypeMatchesAnyDeviceExceptPf() {
        assertThat(requests("{\"name\": \"rtxpro\", \"vendor_id\": \"10de\", \"product_id\": \"2bb5\"}"))
                .containsExactly(List.of(
                        "{name: \"rtxpro\", count: 1, vendorId: \"10de\", productId: \"2bb5\", deviceType: PCI}",
                        "{name: \"rtxpro\", count: 1, vendorId: \"10de\", productId: \"2bb5\", deviceType: VF}"));
    }

    @Test
    void repeatedAliasResultsInAlternatives() {
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
    void requestsAreValidForPciAllocation() {
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

    /** answers.json has the result of Nova for each. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"name\": \"gpu\"} | neither resource_class nor both",
                "{\"name\": \"gpu\", \"vendor_id\": \"8086\"} | neither resource_class nor both",
                "{\"name\": \"gpu\", \"vendor_id\": \"80\", \"product_id\": \"1528\"} | not four hexadecimal digits",
                "{\"name\": \"g\", \"resource_class\": \"g\", \"live_migratable\": \"maybe\"} | neither true nor false",
                "{\"name\": \"g\", \"resource_class\": \"g\", \"device_type\": \"vdpa\"} | is not one of type-PCI, type-PF, type-VF",
                "{\"name\": \"g\", \"resource_class\": \"g\", \"numa_policy\": \"near\"} | is not one of legacy",
                "{\"name\": \"g\", \"resource_class\": \"g\", \"capability_type\": \"usb\"} | is not one of pci",
                "{\"name\": \"g\", \"resource_class\": [\"g\"]} | must be a string",
                "[] | an alias must be a dictionary",
                "[{\"name\": \"g\", \"resource_class\": \"g\"}] | an alias must be a dictionary",
            })
    void reportsAliasThatNovaRejects(String alias, String reason) {
        assertThat(aliases(alias).aliases()).isEmpty();
        assertThat(aliases(alias).untranslated())
                .singleElement()
                .asString()
                .contains(reason)
                .endsWith("; nova-compute does not start with it either");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"name\": \"g\", \"resource_class\": \"\"} | resource_class is empty",
                "{\"name\": \"g\", \"resource_class\": \"g\", \"traits\": \"a,\"} | which no provider has",
                "{\"name\": \"g\", \"resource_class\": \"--\"} | has no letter or digit",
                "{\"name\": \"g\", \"vendor_id\": \"８０８６\", \"product_id\": \"1528\"} | but matches no device",
            })
    void reportsAliasThatMatchesNoDevice(String alias, String reason) {
        assertThat(aliases(alias).aliases()).isEmpty();
        assertThat(aliases(alias).untranslated())
                .singleElement()
                .asString()
                .contains(reason)
                .doesNotContain("does not start");
    }

    @Test
    void aliasesWithOneNameMustAgree() {
        String plain = "{\"name\": \"g\", \"resource_class\": \"g\"}";
        String pf = "{\"name\": \"g\", \"resource_class\": \"g\", \"device_type\": \"type-PF\"}";
        String near =
                "{\"name\": \"g\", \"resource_class\": \"g\", \"device_type\": \"type-PF\", \"numa_policy\": \"required\"}";
        assertThat(aliases(plain, plain).untranslated())
                .singleElement()
                .asString()
                .contains("same device_type");
        assertThat(aliases(pf, plain).untranslated()).singleElement().asString().contains("same device_type");
        assertThat(aliases(pf, near).untranslated()).singleElement().asString().contains("same numa_policy");
        assertThat(aliases(pf, pf).untranslated()).isEmpty();
    }

    /** Python's blanks include the no-break space, which text copied from a web page may contain. */
    @ParameterizedTest
    @ValueSource(ints = {0x85, 0xa0, 0x2007, 0x202f, 0x3000})
    void stripsPythonsBlanks(int codePoint) {
        String blank = Character.toString(codePoint);
        ImportResult imported = NovaConfExamples.importText("""
                [pci]~
                ~device_spec~=~{"vendor_id": "~8086~"}~
                device_spec = {"product_id": "10de", "live_migratable": "ON~", "address": "~81~:00.1"}~
                ~
                """.replace("~", blank));
        assertThat(imported.untranslated()).isEmpty();
        assertThat(imported.specs()).hasSize(2);
        assertThat(imported.specs()
                        .getFirst()
                        .resource()
                        .getSpec()
                        .selectors()
                        .getFirst()
                        .vendorId())
                .isEqualTo("8086");
        assertThat(imported.specs().getLast().resource().getSpec().liveMigratable())
                .isTrue();
        assertThat(imported.specs()
                        .getLast()
                        .resource()
                        .getSpec()
                        .selectors()
                        .getFirst()
                        .address())
                .isEqualTo("*:81:00.1");
    }

    @Test
    void acceptsDigitsOfAnyScript() {
        ImportResult imported =
                NovaConfExamples.importText(conf("{\"vendor_id\": \"８０٨٦\", \"address\": \"８１:00.1\"}"));
        assertThat(imported.untranslated()).isEmpty();
        assertThat(imported.specs()
                        .getFirst()
                        .resource()
                        .getSpec()
                        .selectors()
                        .getFirst()
                        .vendorId())
                .isEqualTo("8086");
        assertThat(NovaConfExamples.importText(conf("{\"vendor_id\": \"８０８é\"}"))
                        .untranslated())
                .singleElement()
                .asString()
                .contains("is not a hexadecimal number");
    }

    @Test
    void rejectsOptionBeforeFirstSection() {
        ImportResult imported = NovaConfExamples.importText("""
                pci_passthrough_whitelist = {"vendor_id": "8086"}
                [DEFAULT]
                pci_passthrough_whitelist = {"vendor_id": "10de"}
                """);
        assertThat(imported.untranslated())
                .singleElement()
                .asString()
                .isEqualTo("nova.conf:1: an option before the first [section]; Nova rejects the whole file");
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
    void rejectsContainerAsTag(String entry) {
        assertThat(NovaConfExamples.importText(conf(entry)).untranslated())
                .singleElement()
                .asString()
                .contains("must be a string: nova-compute fails each time");
    }

    @Test
    void acceptsAnyValueOfUnusedTags() {
        ImportResult imported = NovaConfExamples.importText(conf(
                "{\"vendor_id\": \"8086\", \"x\": NaN}",
                "{\"vendor_id\": \"10de\", \"x\": [-Infinity, 1], \"traits\": []}",
                "{\"vendor_id\": \"15b3\", \"physical_network\": true}"));
        assertThat(imported.specs()).hasSize(2);
        assertThat(imported.untranslated())
                .singleElement()
                .asString()
                .contains("x: [\"-Infinity\",1] must be a string");
        assertThat(imported.specs().getLast().resource().getSpec().physicalNetwork())
                .isEqualTo("True");
    }

    @ParameterizedTest
    @ValueSource(strings = {"8(?i)1", "(?<a>8)1", "[\\w-a]", "(?-i)81", "\\x{38}1", "\\701"})
    void rejectsExpressionsThatOnlyRe2Supports(String regex) {
        ImportResult imported = NovaConfExamples.importText(
                conf("{\"address\": {\"bus\": \"%s\"}}".formatted(regex.replace("\\", "\\\\"))));
        assertThat(imported.specs()).isEmpty();
        assertThat(imported.untranslated())
                .singleElement()
                .asString()
                // The second also exceeds the limits of a spec.
                .containsAnyOf("is not in the syntax that Python's", "has a '{' that is not allowed");
    }
}
