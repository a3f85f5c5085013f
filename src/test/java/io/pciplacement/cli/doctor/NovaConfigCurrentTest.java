package io.pciplacement.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.cli.doctor.CheckResult.Severity;
import io.pciplacement.placement.ResourceProvider;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the check says in each phase in which a host moves from Nova's configuration to the exported one. */
class NovaConfigCurrentTest {

    private static final UUID ROOT = new UUID(0, 1);

    private final List<ResourceProvider> computeNodes =
            new ArrayList<>(List.of(new ResourceProvider(ROOT, "n", null, ROOT, 1)));
    private final List<ResourceProvider> operatorRoots = new ArrayList<>();
    private final List<ResourceProvider> pciProviders = new ArrayList<>();
    private final Set<UUID> marked = new HashSet<>();
    private final StringBuilder rows = new StringBuilder();

    /** Adds a provider to Placement. */
    private void addProvider(int number, boolean withOwnershipTrait) {
        UUID uuid = new UUID(1, number);
        pciProviders.add(new ResourceProvider(uuid, name(number), ROOT, ROOT, 1));
        if (withOwnershipTrait) {
            marked.add(uuid);
        }
    }

    private static String name(int number) {
        return "n_0000:81:0%d.0".formatted(number);
    }

    private void addRow(int number, String state) {
        rows.append("- {name: \"%s\", deviceSpec: gpus, state: %s}\n".formatted(name(number), state));
    }

    private List<CheckResult> evaluate(String reporting) {
        HostPciInventory host = new HostPciInventory();
        host.getMetadata().setName("n");
        try {
            host.setSpec(
                    new YAMLMapper().readValue("{reporting: %s}".formatted(reporting), HostPciInventorySpec.class));
            host.setStatus(new YAMLMapper().readValue("providers:\n" + rows, HostPciInventoryStatus.class));
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
        return new NovaConfigCurrent()
                .evaluate(new CloudSnapshot(
                        Instant.EPOCH,
                        List.of(host),
                        List.of(),
                        Optional.empty(),
                        Map.of(),
                        Map.of(),
                        new CloudSnapshot.PlacementFacts.Available(
                                pciProviders,
                                marked,
                                Set.of(),
                                operatorRoots,
                                computeNodes,
                                Set.of(),
                                Set.of(),
                                Set.of(),
                                Set.of()),
                        List.of(),
                        List.of(host),
                        List.of()));
    }

    private void assertResult(String reporting, Severity severity, String message, String remedy) {
        assertThat(evaluate(reporting)).singleElement().satisfies(result -> {
            assertThat(result.severity()).isEqualTo(severity);
            assertThat(result.subject()).isEqualTo("n");
            assertThat(result.message()).contains(message);
            assertThat(result.remedy()).contains(remedy);
        });
    }

    @Test
    void hostWithoutSpecsHasNothingToExport() {
        addProvider(1, false);
        assertThat(evaluate("Disabled")).isEmpty();
        assertThat(evaluate("Nova")).isEmpty();
    }

    /** reporting_in_placement is off. */
    @Test
    void novaComputeDoesNotReportYet() {
        addRow(1, "Planned");
        addRow(2, "Planned");
        assertResult(
                "Disabled",
                Severity.note,
                "of 2 providers, missing: 2 (n_0000:81:01.0)",
                "then set spec.reporting: Nova (not Enabled while nova-compute runs)");
        assertThat(evaluate("Disabled").getFirst().message()).doesNotContain("report_in_placement");
    }

    @ParameterizedTest
    @CsvSource({"Disabled, Conflicting, note", "Nova, AwaitingNova, warning"})
    void novaComputeReportsWithoutTheExport(String reporting, String state, Severity severity) {
        addProvider(1, false);
        addProvider(2, false);
        addRow(1, state);
        addRow(2, state);
        assertResult(
                reporting,
                severity,
                "of 2 providers, without the operator's ownership trait: 2 (n_0000:81:01.0); do not turn report_in_placement off",
                "replace device_spec in its nova.conf by the output of pci export --for-nova --node n, and restart nova-compute");
    }

    @ParameterizedTest
    @CsvSource({"Disabled, Planned, note", "Nova, AwaitingNova, warning"})
    void novaComputeRunsWithAnOlderExport(String reporting, String state, Severity severity) {
        addProvider(1, true);
        addProvider(2, true);
        addProvider(3, false);
        addRow(1, "InSync");
        addRow(2, state);
        addRow(3, state);
        addRow(4, state);
        assertResult(
                reporting,
                severity,
                "of 4 providers, missing: 1 (n_0000:81:04.0), without the operator's ownership trait: 1 (n_0000:81:03.0), with another class, total or traits: 1 (n_0000:81:02.0)",
                "pci plan --node n shows the difference");
    }

    @Test
    void nothingRemainsWithTheCurrentExport() {
        addProvider(1, true);
        addRow(1, "InSync");
        addProvider(2, true);
        addRow(2, "Held");
        assertResult("Disabled", Severity.note, "all 2 providers below the root", "set spec.reporting: Nova");
        assertThat(evaluate("Nova")).isEmpty();
    }

    /** NovaComputeStartup checks the hosts that the operator writes. */
    @Test
    void hostThatTheOperatorWritesIsNotChecked() {
        addProvider(1, false);
        addRow(1, "Conflicting");
        assertThat(evaluate("Enabled")).isEmpty();
    }

    /**
     * The operator created the root provider, and the file compute_id has another UUID, or nova-compute has not run.
     */
    @ParameterizedTest
    @ValueSource(strings = {"Nova", "Disabled"})
    void rootProviderOfTheOperatorIsNotUsed(String reporting) {
        computeNodes.clear();
        operatorRoots.add(new ResourceProvider(ROOT, "n", null, ROOT, 1));
        addProvider(1, true);
        addRow(1, "InSync");
        if (reporting.equals("Disabled")) {
            assertThat(evaluate(reporting))
                    .as("no nova-compute should write it")
                    .isEmpty();
        } else {
            assertResult(reporting, Severity.warning, "no nova-compute uses root provider n (" + ROOT, "compute_id");
        }
    }
}
