package io.pciplacement.planning.claim;

import io.pciplacement.planning.allocation.AllocationProblem;
import java.util.List;

/** What can be given to a claim now. */
public sealed interface ScheduleResult {

    /** These devices, all of one host. */
    record Scheduled(List<DeviceAssignment> grants) implements ScheduleResult {

        public Scheduled {
            grants = List.copyOf(grants);
        }
    }

    /** No host has all of it; this one comes nearest. */
    record Unschedulable(AllocationProblem.NoRoom problem) implements ScheduleResult {}
}
