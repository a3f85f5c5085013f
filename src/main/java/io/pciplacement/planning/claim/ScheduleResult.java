package io.pciplacement.planning.claim;

import io.pciplacement.planning.allocation.AllocationProblem;
import java.util.List;

/** Result of the scheduling of a claim. */
public sealed interface ScheduleResult {

    /** The assigned devices, all of one host. */
    record Scheduled(List<DeviceAssignment> assignments) implements ScheduleResult {

        public Scheduled {
            assignments = List.copyOf(assignments);
        }
    }

    /** No host satisfies the claim; the problem describes the best match. */
    record Unschedulable(AllocationProblem.InsufficientDevices problem) implements ScheduleResult {}
}
