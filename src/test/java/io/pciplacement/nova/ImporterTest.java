package io.pciplacement.nova;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is beside the tree: names, priorities, notes, and that nothing is lost. */
class ImporterTest {

    private static String conf(String... values) {
        return "[pci]\n"
                + IntStream.range(0, values.length)
                        .mapToObj(i -> "device_spec = " + values[i] + "\n")
                        .collect(Collectors.joining());
    }

    private static String names(Imported imported) {
        return imported.specs().stream()
                .map(spec -> spec.object().getMetadata().getName() + "/"
                        + spec.object().getSpec().priority() + "/"
                        + spec.object().getSpec().selectors().size())
                .collect(Collectors.joining(" "));
    }

    @Test
    void neighboursThatAskForTheSameBecomeOneSpec() {
        Imported imported = Examples.imported(conf(
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
        Imported imported = Examples.imported(conf(values));
        assertThat(imported.specs()).hasSize(300);
        assertThat(imported.specs().getFirst().object().getSpec().priority()).isEqualTo(997);
        assertThat(imported.specs().getLast().object().getSpec().priority()).isEqualTo(100);

        String[] more = IntStream.range(0, 902)
                .mapToObj(i -> "{\"product_id\": \"%x\", \"resource_class\": \"c%d\"}".formatted(i, i))
                .toArray(String[]::new);
        Imported tooMany = Examples.imported(conf(more));
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
        assertThat(names(Examples.imported(conf(values))))
                .isEqualTo("nova-0000-00-00-0/110/32 nova-0000-20-00-0/100/8");
    }

    @Test
    void whatCannotBeTranslatedIsToldWithItsLineAndTheRestGoesOn() {
        Imported imported = Examples.imported("""
                [pci]
                device_spec = {"vendor_id": "8086",
                  "product_id": "$product"}
                device_spec = {"address": {"bus": "(?=8)"}}
                device_spec = {"address": {"bus": "8{,1}"}}
                device_spec = {"vendor_id": "8086", "traits": "--"}
                device_spec = [{"vendor_id": "-1"}, {"vendor_id": "10de", "remote_managed": 1, "one_time_use": "y"}]
                device_spec = {"address": {"bus": "8$$", "slot": "0\\$"}, "traits": "CUSTOM_a-b,,"}
                """);
        assertThat(imported.refused().stream().map(Remark::toString))
                .satisfiesExactly(
                        one -> assertThat(one).startsWith("nova.conf:2: $product stands for another option's value"),
                        one -> assertThat(one).startsWith("nova.conf:4: addressRegex.bus: '(?=8)' is not a regular"),
                        one -> assertThat(one).startsWith("nova.conf:5: address: bus: '8{,1}' means something else"),
                        one -> assertThat(one)
                                .isEqualTo("nova.conf:6: traits: '--' has no letter or digit to make a name of"),
                        one -> assertThat(one).startsWith("nova.conf:7, entry 1: vendor_id: '-1' is negative"),
                        one -> assertThat(one).startsWith("nova.conf:7, entry 2: remote_managed is for VFs"));
        assertThat(imported.refused().getFirst().text())
                .isEqualTo("{\"vendor_id\": \"8086\",\n\"product_id\": \"$product\"}");
        Imported.Spec last = imported.specs().getFirst();
        assertThat(last.object().getSpec().selectors().getFirst().addressRegex().bus())
                .isEqualTo("8$");
        assertThat(last.object().getSpec().selectors().getFirst().addressRegex().slot())
                .isEqualTo("0$");
        assertThat(last.notes().stream().map(Remark::toString))
                .containsExactly(
                        "nova.conf:8: traits: Nova makes CUSTOM_A-B of 'CUSTOM_a-b', which Placement refuses; here it is CUSTOM_A_B",
                        "nova.conf:8: traits: nothing between two commas or at an end becomes CUSTOM_ in Nova, which Placement refuses: left out",
                        "nova.conf:8: traits: nothing between two commas or at an end becomes CUSTOM_ in Nova, which Placement refuses: left out");
    }

    @Test
    void anAliasIsToldAsARequest() {
        Imported imported = Examples.imported("""
                [pci]
                alias = {"name": "A16", "device_type": "type-VF", "resource_class": "GPU_VF",
                         "traits": "blue", "live_migratable": "yes", "numa_policy": "socket"}
                alias = {"name": "x", "vendor": "8086"}
                alias = {"vendor_id": "8086"}
                """);
        assertThat(imported.aliases())
                .singleElement()
                .satisfies(
                        alias -> assertThat(alias.message())
                                .isEqualTo(
                                        "{name: \"a16\", count: 1, deviceType: VF, resourceClass: \"GPU_VF\","
                                                + " traits: [\"blue\", HW_PCI_LIVE_MIGRATABLE]}; numa_policy socket has no equal here"));
        assertThat(imported.refused().stream().map(Remark::toString))
                .containsExactly(
                        "nova.conf:4: alias: there is no such thing as vendor; nova-compute does not start with it either",
                        "nova.conf:5: alias: it has no name; nova-compute does not start with it either");
    }
}
