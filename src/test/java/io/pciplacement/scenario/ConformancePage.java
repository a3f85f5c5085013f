package io.pciplacement.scenario;

import java.util.List;
import java.util.Optional;

/**
 * Generator of the conformance page: for each test of Nova the corresponding scenarios, the behavior in common with
 * Nova and the differences.
 */
final class ConformancePage {

    private static final String HEAD = """
            # Comparison with Nova's functional tests

            Nova reports PCI devices to Placement with `[pci]report_in_placement`. This operator must pass the functional tests
            that Nova has for this function: the classes `PlacementPCIInventoryReportingTests` and
            `PlacementPCIAllocationHealingTests`. Each of these tests has one or more scenarios, which `ScenariosIT` runs on a
            real API server and a real Placement. `src/test/resources/scenarios/README.md` describes their format.

            This page is generated from the scenarios: `mvn test -Dtest=ConformancePageTest -Dconformance.write=true`.
            "Same" describes the behavior that both have in common, "Better" the differences in favor of this operator.
            """;

    private ConformancePage() {}

    static String of(List<Scenario> scenarios, List<String> novaTests) {
        StringBuilder page = new StringBuilder(HEAD);
        page.append("\n## Nova's tests\n");
        for (String test : novaTests) {
            page.append("\n### ").append(test).append('\n');
            scenarios.stream()
                    .filter(scenario -> scenario.about().nova().equals(Optional.of(test)))
                    .forEach(scenario -> page.append(entry(scenario)));
        }
        page.append("\n## Scenarios without a test of Nova\n");
        scenarios.stream()
                .filter(scenario -> scenario.about().nova().isEmpty())
                .forEach(scenario -> page.append(entry(scenario)));
        return page.toString();
    }

    private static String entry(Scenario scenario) {
        StringBuilder entry = new StringBuilder("\n[%s](../../src/test/resources/scenarios/%s): %s\n"
                .formatted(scenario.name(), scenario.name(), scenario.about().title()));
        entry.append('\n');
        scenario.about()
                .same()
                .ifPresent(text -> entry.append("- Same: ").append(text).append('\n'));
        scenario.about()
                .better()
                .ifPresent(text -> entry.append("- Better: ").append(text).append('\n'));
        return entry.toString();
    }
}
