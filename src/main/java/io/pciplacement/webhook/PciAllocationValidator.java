package io.pciplacement.webhook;

import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.planning.admission.AdmissionResult;
import io.pciplacement.planning.admission.ConstraintRules;
import io.pciplacement.planning.admission.MoveChange;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.DeviceRef;
import io.pciplacement.planning.claim.DeviceConstraint;
import io.pciplacement.sync.index.AllocationIndex;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Validator of PciAllocation objects: rejects a device that another PciAllocation has, changes of a move that
 * {@link MoveChange} does not allow, and constraints that {@link ConstraintRules} do not allow. Conflicts that are not
 * detected here are resolved by the reconciler by age.
 */
@ApplicationScoped
public class PciAllocationValidator {

    private final AllocationIndex allocations;

    PciAllocationValidator(AllocationIndex allocations) {
        this.allocations = allocations;
    }

    @GuardedAdmission
    AdmissionResult validate(ObjectChange<PciAllocation> change) {
        PciAllocation after = change.after();
        if (after == null || change.isDeletion()) {
            return AdmissionResult.ALLOWED;
        }
        PciAllocation before = change.before();
        DesiredAllocation desired = PciAllocationMapper.toListedAllocation(after);
        List<String> errors =
                findHeldDevices(desired, before == null ? null : PciAllocationMapper.toListedAllocation(before));
        if (before != null) {
            errors.addAll(MoveChange.findErrors(
                    PciAllocationMapper.toDesiredAllocation(before),
                    PciAllocationMapper.moveProgress(before),
                    desired));
        }
        List<DeviceConstraint> constraints = PciAllocationMapper.toConstraints(after.getSpec());
        Map<String, Integer> counts = PciAllocationMapper.requestedDeviceCounts(after);
        boolean isolate = after.getSpec().groupPolicy() == PciAllocationSpec.GroupPolicy.ISOLATE;
        errors.addAll(ConstraintRules.findErrors(constraints, counts, isolate));
        return new AdmissionResult(errors, ConstraintRules.findWarnings(constraints, counts));
    }

    /** Only lists that the update changes are checked: an object with a conflict can still be edited. */
    private List<String> findHeldDevices(DesiredAllocation desired, @Nullable DesiredAllocation before) {
        Set<DeviceRef> changed = new TreeSet<>();
        if (before == null || !before.devices().equals(desired.devices())) {
            changed.addAll(desired.devices());
        }
        if (desired.move() != null && (before == null || !Objects.equals(before.move(), desired.move()))) {
            changed.addAll(desired.move().source());
        }
        List<String> errors = new ArrayList<>();
        for (DeviceRef device : changed) {
            allocations
                    .findHolder(device)
                    .filter(holder -> !holder.name().equals(desired.name()))
                    .map(holder -> new AllocationProblem.DeviceAlreadyAllocated(
                            device, holder.name(), holder.consumer().uuid()))
                    .ifPresent(problem -> errors.add(problem.message()));
        }
        return errors;
    }
}
