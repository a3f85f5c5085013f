package io.pciplacement.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.ManagedBy;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.planning.allocation.DesiredAllocation;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/** Invariants of the reasons that objects report while they are not in sync: each must be allowed, and true. */
final class ReasonInvariants {

    /** Reasons why a claim may be pending or an object blocked in the settled state. */
    private static final Set<String> REASONS = Set.of(
            "InsufficientDevices",
            "DeviceAlreadyAllocated",
            "DuplicateConsumer",
            "DependentDevices",
            "DeviceNotTracked",
            "DeviceNotOnHost",
            "ConsumerHasNoAllocation",
            "MoveInProgress",
            "MoveSourceMismatch",
            "MoveNotStarted",
            "MoveNotFinished",
            "RejectedByPlacement",
            "ForeignConsumer",
            "ForeignMigration",
            "ConsumerElsewhere",
            "ProviderFull");

    private ReasonInvariants() {}

    /**
     * Checks the condition Ready of an object that is not in sync: an older object has the device, for example.
     *
     * @param ownsConsumers whether the consumers match the object
     * @param missesHost whether the consumer has no allocation on at least one host
     */
    static void check(
            PciAllocation object,
            Condition ready,
            Collection<PciAllocation> all,
            boolean ownsConsumers,
            boolean missesHost) {
        DesiredAllocation desired = PciAllocationMapper.toDesiredAllocation(object);
        String described = desired.name() + ": " + ready.getMessage();
        assertThat(REASONS).as(described).contains(ready.getReason());
        if (ready.getReason().equals("DeviceAlreadyAllocated")) {
            List<PciAllocation> holders = all.stream()
                    .filter(other -> isOlderHolder(PciAllocationMapper.toDesiredAllocation(other), desired))
                    .toList();
            assertThat(holders).as(described).isNotEmpty();
            assertThat(holders)
                    .as("%s: no device is granted to two objects", described)
                    .anyMatch(holder -> object.getSpec().requests() == null
                            || holder.getSpec().requests() == null);
        }
        if (ready.getReason().startsWith("Foreign")) {
            assertThat(ownsConsumers).as(described).isFalse();
        }
        if (ready.getReason().equals("ConsumerElsewhere")) {
            assertThat(missesHost).as(described).isTrue();
        }
        if (ready.getReason().equals("ConsumerHasNoAllocation")) {
            assertThat(object.getSpec().consumer().managedBy()).isEqualTo(ManagedBy.EXTERNAL);
        }
    }

    private static boolean isOlderHolder(DesiredAllocation other, DesiredAllocation desired) {
        return DesiredAllocation.OLDEST_FIRST.compare(other, desired) < 0
                && other.exclusiveDevices().stream().anyMatch(desired.exclusiveDevices()::contains);
    }
}
