package io.pciplacement.operator.host;

import static io.pciplacement.operator.host.HostStatusFixture.NOW;
import static io.pciplacement.operator.host.HostStatusFixture.message;
import static io.pciplacement.operator.host.HostStatusFixture.outcome;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.AttachmentDifferenceStatus;
import io.pciplacement.operator.status.ConditionsBuilder;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.DeviceRef;
import io.pciplacement.planning.allocation.PlacementConsumer;
import io.pciplacement.planning.attachment.DifferenceType;
import io.pciplacement.sync.index.AllocationIndex;
import io.pciplacement.testing.Devices;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
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
        return conditions(count, problems, AttachmentDifferenceTracker.Snapshot.NONE);
    }

    private static List<Condition> conditions(
            int count, Map<String, AllocationProblem> problems, AttachmentDifferenceTracker.Snapshot differences) {
        ConditionsBuilder conditions = new ConditionsBuilder(null, 1L, NOW);
        new AllocationsHealedCondition(count, problems, NONE, differences).addTo(conditions);
        return conditions.build();
    }

    private static AttachmentDifferenceTracker.Snapshot differences(AttachmentDifferenceStatus... rows) {
        return new AttachmentDifferenceTracker.Snapshot(rows.length, List.of(rows), null);
    }

    private static AttachmentDifferenceStatus difference(
            DifferenceType type, @Nullable String server, @Nullable String provider, @Nullable String address) {
        return new AttachmentDifferenceStatus(
                type.value(), "uuid", server, provider, address, provider == null ? null : 2, "2026-01-01T00:00:00Z");
    }

    @Test
    void reportsTheOldestDifferenceOfServers() {
        AttachmentDifferenceStatus stale =
                difference(DifferenceType.ALLOCATED_NOT_ATTACHED, null, "gpu-07_0000:81:00.0", null);
        AttachmentDifferenceStatus missing =
                difference(DifferenceType.ATTACHED_NOT_ALLOCATED, "web", "gpu-07_0000:81:00.0", null);
        AttachmentDifferenceStatus twice = difference(DifferenceType.ATTACHED_TWICE, "web", null, "0000:81:00.0");
        AttachmentDifferenceStatus untracked =
                difference(DifferenceType.ATTACHED_NOT_TRACKED, "web", null, "0000:81:00.0");
        assertThat(outcome(conditions(1, Map.of(), differences(stale)), TYPE)).isEqualTo("False AllocatedNotAttached");
        assertThat(message(conditions(1, Map.of(), differences(stale)), TYPE))
                .isEqualTo(
                        "Consumer uuid has 2 units of gpu-07_0000:81:00.0 without an attached device since 2026-01-01T00:00:00Z. pci audit lists all.");
        assertThat(message(conditions(1, Map.of(), differences(missing, twice)), TYPE))
                .isEqualTo(
                        "Server web (uuid) has attached devices of gpu-07_0000:81:00.0 without an allocation of 2 units since 2026-01-01T00:00:00Z. 1 more difference between devices of servers and allocations. pci audit lists all.");
        assertThat(message(conditions(1, Map.of(), differences(twice)), TYPE))
                .startsWith(
                        "Server web (uuid) has 0000:81:00.0 attached, which is attached to another server too, since");
        assertThat(outcome(conditions(1, Map.of(), differences(untracked)), TYPE))
                .as("a server may have devices that no spec selects")
                .isEqualTo("True Healed");
        assertThat(outcome(conditions(1, Map.of("a", NO_ALLOCATION), differences(stale)), TYPE))
                .isEqualTo("False ConsumerHasNoAllocation");
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
        assertThat(AllocationsHealedCondition.forHost("gpu-07", index, NONE, AttachmentDifferenceTracker.Snapshot.NONE))
                .isEqualTo(new AllocationsHealedCondition(
                        2, Map.of("second", NO_ALLOCATION), NONE, AttachmentDifferenceTracker.Snapshot.NONE));
    }

    @Test
    void serverThatIsMovedOrNotReportedIsNoProblem() {
        AllocationIndex index = new AllocationIndex();
        DesiredAllocation declared = allocation("declared", "gpu-07", 1);
        DesiredAllocation discovered = new DesiredAllocation(
                "discovered", declared.createdAt(), declared.consumer(), declared.devices(), null, true);
        for (DesiredAllocation desired : List.of(declared, discovered)) {
            for (AllocationProblem problem : List.of(
                    new AllocationProblem.HostNotReported("gpu-07", "it is paused"),
                    new AllocationProblem.AttachmentUnconfirmed(new UUID(0, 1), "it is being moved"))) {
                index.putAllocation(desired);
                index.setProblem(desired.name(), problem);
                assertThat(AllocationsHealedCondition.forHost(
                                        "gpu-07", index, NONE, AttachmentDifferenceTracker.Snapshot.NONE)
                                .problems())
                        .as("%s of %s", problem, desired.name())
                        .hasSize(desired.discovered() ? 0 : 1);
            }
            index.removeAllocation(desired.name());
        }
    }

    private static DesiredAllocation allocation(String name, String node, int slot) {
        return new DesiredAllocation(
                name,
                "2026-01-01T00:00:00Z",
                new PlacementConsumer(new UUID(0, slot), "INSTANCE", "project", "user", true),
                List.of(new DeviceRef(node, Devices.at("0000:81:%02x.0".formatted(slot)))));
    }
}
