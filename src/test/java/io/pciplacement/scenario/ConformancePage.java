package io.pciplacement.scenario;

import java.util.List;
import java.util.Optional;

/**
 * Generator of the conformance page: for each test of Nova the scenarios that correspond to it, what is the same and
 * what is better.
 */
final class ConformancePage {

    private static final String HEAD = """
            # What is the same as in Nova, and what is better

            Nova reports PCI devices to Placement with `[pci]report_in_placement`. Its functional tests of that, class
            `PlacementPCIInventoryReportingTests`, are the list that this operator is held to. Each has one or more scenarios,
            which `ScenariosIT` plays on a real API server and a real Placement; `src/test/resources/scenarios/README.md` tells
            how to read them.

            This page is made from the scenarios: `mvn test -Dtest=ConformancePageTest -Dconformance.write=true`.
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
        page.append("\n## What these tests do not show\n");
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
