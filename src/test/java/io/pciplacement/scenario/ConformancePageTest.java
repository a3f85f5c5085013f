package io.pciplacement.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The page agrees with the scenarios, and each of Nova's tests has a scenario. */
class ConformancePageTest {

    private static final Path PAGE = Path.of(System.getProperty("basedir", ""), "docs/evidence/nova-conformance.md");

    /**
     * Tests of Nova's classes PlacementPCIInventoryReportingTests and PlacementPCIAllocationHealingTests, in their
     * order.
     */
    private static final List<String> NOVA_TESTS = List.of(
            "new_compute_init_with_pci_devs",
            "new_compute_init_with_pci_dev_custom_rc",
            "dependent_device_config_is_rejected",
            "sibling_vfs_with_contradicting_resource_classes_rejected",
            "sibling_vfs_with_contradicting_traits_rejected",
            "neutron_sriov_devs_ignored",
            "devname_based_dev_spec_rejected",
            "remove_pci",
            "remove_one_vf",
            "remove_all_vfs",
            "remove_all_vfs_add_pf",
            "remove_pf_add_vfs",
            "device_reconfiguration",
            "device_reconfiguration_with_allocations_config_change_warn",
            "device_reconfiguration_with_allocations_config_change_stop",
            "device_reconfiguration_with_allocations_hyp_change",
            "reporting_disabled_nothing_is_reported",
            "reporting_cannot_be_disable_once_it_is_enabled",
            "heal_single_pci_allocation",
            "heal_multiple_allocations",
            "heal_partial_allocations",
            "heal_partial_allocations_during_resize_downsize",
            "heal_partial_allocations_during_resize_change_dev_type",
            "heal_allocation_during_same_host_resize");

    private final List<Scenario> scenarios = ScenarioFolder.all();

    @Test
    void everyNovaTestHasAScenario() {
        assertThat(scenarios.stream()
                        .flatMap(scenario -> scenario.about().nova().stream())
                        .distinct())
                .containsExactlyInAnyOrderElementsOf(NOVA_TESTS);
    }

    @Test
    void pageIsGeneratedFromScenarios() throws IOException {
        String page = ConformancePage.of(scenarios, NOVA_TESTS);
        if (Boolean.getBoolean("conformance.write")) {
            Files.writeString(PAGE, page);
        }
        assertThat(Files.readString(PAGE))
                .as("mvn test -Dtest=ConformancePageTest -Dconformance.write=true regenerates it")
                .isEqualTo(page);
    }
}
