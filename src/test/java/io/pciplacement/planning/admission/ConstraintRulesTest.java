package io.pciplacement.planning.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.planning.claim.DeviceConstraint;
import io.pciplacement.planning.claim.DeviceConstraint.Attribute;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConstraintRulesTest {

    private static final Map<String, Integer> COUNTS = Map.of("gpu", 1, "nic", 1, "vf", 9);

    private static DeviceConstraint constraint(Attribute attribute, String... requests) {
        return new DeviceConstraint(List.of(requests), attribute);
    }

    @Test
    void constraintOfOneDeviceIsProbablyMistake() {
        assertThat(ConstraintRules.findWarnings(List.of(constraint(Attribute.PCIE_ROOT, "gpu")), COUNTS))
                .singleElement()
                .asString()
                .startsWith("spec.constraints[0]: constraint PcieRoot of request gpu concerns only one device");
        assertThat(ConstraintRules.findWarnings(List.of(constraint(Attribute.PCIE_ROOT, "vf")), COUNTS))
                .isEmpty();
        assertThat(ConstraintRules.findWarnings(List.of(constraint(Attribute.PCIE_ROOT, "gpu", "nic")), COUNTS))
                .isEmpty();
    }

    @Test
    void constraintsThatAreOneConstraintShouldBeWrittenAsOne() {
        DeviceConstraint first = constraint(Attribute.PCIE_ROOT, "gpu", "nic");
        assertThat(ConstraintRules.findWarnings(List.of(first, constraint(Attribute.PCIE_ROOT, "nic", "vf")), COUNTS))
                .singleElement()
                .asString()
                .contains("spec.constraints[0] and spec.constraints[1] both match PcieRoot and name request nic");
        assertThat(ConstraintRules.findWarnings(List.of(first, constraint(Attribute.NUMA_NODE, "nic", "vf")), COUNTS))
                .isEmpty();
        assertThat(ConstraintRules.findWarnings(
                        List.of(constraint(Attribute.CARD, "vf"), constraint(Attribute.CARD, "gpu", "nic")), COUNTS))
                .isEmpty();
    }

    @Test
    void isolatedDevicesOfOneCardAreAtMostItsFunctions() {
        List<DeviceConstraint> card = List.of(constraint(Attribute.CARD, "vf"));
        assertThat(ConstraintRules.findErrors(card, COUNTS, true))
                .singleElement()
                .asString()
                .contains("no card has 9 resource providers");
        assertThat(ConstraintRules.findErrors(card, COUNTS, false)).isEmpty();
        assertThat(ConstraintRules.findErrors(card, Map.of("vf", 8), true)).isEmpty();
        assertThat(ConstraintRules.findErrors(List.of(constraint(Attribute.PCIE_ROOT, "vf")), COUNTS, true))
                .isEmpty();
    }
}
