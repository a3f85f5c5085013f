package io.pciplacement.operator.host;

import static io.pciplacement.operator.host.HostStatusFixture.NOW;
import static io.pciplacement.operator.host.HostStatusFixture.message;
import static io.pciplacement.operator.host.HostStatusFixture.outcome;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.operator.status.ConditionsBuilder;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.DeviceRef;
import io.pciplacement.planning.allocation.PlacementConsumer;
import io.pciplacement.sync.index.AllocationIndex;
import io.pciplacement.testing.Devices;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The problems of the PciAllocations of a host as the condition AllocationsHealed. */
class AllocationsHealedConditionTest {

    private static final String TYPE = "AllocationsHealed";
    private static final UnaccountedAllocationTracker.Snapshot NONE =
            new UnaccountedAllocationTracker.Snapshot(0, List.of());
    private static final AllocationProblem UNKNOWN_HOST = new AllocationProblem.UnknownHost("gpu-08");
    private static final AllocationProblem NO_ALLOCATION =
            new AllocationProblem.ConsumerHasNoAllocation(new UUID(0, 1));

    private static List<Condition> conditions(int count, Map<String, AllocationProblem> problems) {
        ConditionsBuilder conditions = new ConditionsBuilder(null, 1L, NOW);
        new AllocationsHealedCondition(count, problems, NONE).addTo(conditions);
        return conditions.build();
    }

    @Test
    void isTrueIfNoAllocationHasAProblem() {
        assertThat(outcome(conditions(0, Map.of()), TYPE)).isEqualTo("True NoAllocations");
        assertThat(outcome(conditions(2, Map.of()), TYPE)).isEqualTo("True Healed");
        assertThat(message(conditions(1, Map.of()), TYPE)).contains("match the 1 PciAllocation of");
        assertThat(message(conditions(2, Map.of()), TYPE)).contains("match the 2 PciAllocations of");
    }

    @Test
    void reportsTheFirstProblemByName() {
        assertThat(outcome(conditions(1, Map.of("b", UNKNOWN_HOST)), TYPE)).isEqualTo("False UnknownHost");
        assertThat(message(conditions(1, Map.of("b", UNKNOWN_HOST)), TYPE))
                .isEqualTo("PciAllocation b: " + UNKNOWN_HOST.message());
        List<Condition> conditions = conditions(4, Map.of("b", UNKNOWN_HOST, "a", NO_ALLOCATION, "c", UNKNOWN_HOST));
        assertThat(outcome(conditions, TYPE)).isEqualTo("False ConsumerHasNoAllocation");
        assertThat(message(conditions, TYPE))
                .startsWith("PciAllocation a: ")
                .endsWith(" 2 more PciAllocations have a problem.");
        assertThat(message(conditions(3, Map.of("a", NO_ALLOCATION, "b", UNKNOWN_HOST)), TYPE))
                .endsWith(" 1 more PciAllocation has a problem.");
    }

    @Test
    void readsTheAllocationsOfTheHostFromTheIndex() {
        AllocationIndex index = new AllocationIndex();
        index.putAllocation(allocation("first", "gpu-07", 1));
        index.putAllocation(allocation("second", "gpu-07", 2));
        index.putAllocation(allocation("third", "gpu-08", 3));
        index.setProblem("second", NO_ALLOCATION);
        index.setProblem("third", UNKNOWN_HOST);
        assertThat(AllocationsHealedCondition.forHost("gpu-07", index, NONE))
                .isEqualTo(new AllocationsHealedCondition(2, Map.of("second", NO_ALLOCATION), NONE));
    }

    private static DesiredAllocation allocation(String name, String node, int slot) {
        return new DesiredAllocation(
                name,
                "2026-01-01T00:00:00Z",
                new PlacementConsumer(new UUID(0, slot), "INSTANCE", "project", "user", true),
                List.of(new DeviceRef(node, Devices.at("0000:81:%02x.0".formatted(slot)))));
    }
}
