package io.pciplacement.sync.index;

import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.AllocationProblemReason;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.planning.allocation.DesiredAllocation;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Cache of the last evaluation of each PciAllocation and of what was written for it. Not thread-safe. */
final class AllocationStateCache {

    /** Prefix of the reasons that a consumer does not belong to the object. */
    private static final String FOREIGN = "Foreign";

    private final Map<String, String> uids = new HashMap<>();
    private final Map<String, AllocationProblem> problems = new HashMap<>();

    /** Why objects are not accepted, by name; taken from their statuses until they are evaluated. */
    private final Map<String, String> rejectionReasons = new HashMap<>();

    private final Set<String> evaluated = new HashSet<>();

    /** Objects that have or had allocations in Placement. */
    private final Set<String> withAmounts = new HashSet<>();

    /** What was written for objects, by UID. */
    private final Map<String, AllocationRecord> records = new HashMap<>();

    Optional<AllocationRecord> findRecord(String uid) {
        return Optional.ofNullable(records.get(uid));
    }

    void putRecord(String uid, AllocationRecord record) {
        records.put(uid, record);
    }

    void removeRecord(String uid) {
        records.remove(uid);
    }

    boolean hasUid(String name, String uid) {
        return uid.equals(uids.get(name));
    }

    /** Registers an object with the content of its status; returns false if another object had the name before. */
    boolean registerObject(String name, String uid, Optional<String> rejectionReason, boolean hasAmounts) {
        String before = uids.put(name, uid);
        boolean same = before == null || before.equals(uid);
        if (!same) {
            removeState(name);
            uids.put(name, uid);
        }
        if (!evaluated.contains(name)) {
            rejectionReason.ifPresentOrElse(
                    reason -> rejectionReasons.put(name, reason), () -> rejectionReasons.remove(name));
            if (hasAmounts) {
                withAmounts.add(name);
            }
        }
        return same;
    }

    void removeState(String name) {
        uids.remove(name);
        problems.remove(name);
        rejectionReasons.remove(name);
        evaluated.remove(name);
        withAmounts.remove(name);
    }

    /** Whether an object has or had allocations in Placement. */
    boolean hasAmounts(String name) {
        return withAmounts.contains(name);
    }

    /** Whether a consumer that an object names belongs to it, as far as verified with Placement. */
    boolean ownsConsumer(DesiredAllocation desired, UUID consumer) {
        String rejectionReason = rejectionReasons.getOrDefault(desired.name(), "");
        return consumer.equals(desired.consumer().uuid())
                ? !rejectionReason.equals(AllocationProblemReason.FOREIGN_CONSUMER.value())
                : !rejectionReason.startsWith(FOREIGN);
    }

    /** Whether an object's devices count as held: not if it was rejected and never had allocations in Placement. */
    boolean countsAsHeld(DesiredAllocation desired) {
        return ownsConsumer(desired, desired.consumer().uuid())
                && (!rejectionReasons.containsKey(desired.name()) || withAmounts.contains(desired.name()));
    }

    /** Whether Placement has no allocation for the devices of an object. */
    boolean lacksAllocation(String name) {
        return switch (problems.get(name)) {
            case AllocationProblem.ConsumerHasNoAllocation p -> true;
            case AllocationProblem.ProviderFull p -> true;
            case AllocationProblem.RejectedByPlacement p -> true;
            case null, default -> false;
        };
    }

    Optional<AllocationProblem> findProblem(String name) {
        return Optional.ofNullable(problems.get(name));
    }

    /**
     * Records the current problem of an object, or clears it if null.
     *
     * @return whether the problem changed
     */
    boolean setProblem(String name, @Nullable AllocationProblem problem) {
        evaluated.add(name);
        if (problem == null) {
            withAmounts.add(name);
        }
        if (problem != null && problem.requiresUserAction()) {
            rejectionReasons.put(name, problem.reason());
        } else if (!(problem instanceof AllocationProblem.InsufficientDevices)) {
            // A claim without capacity says nothing about the owner of the consumer.
            rejectionReasons.remove(name);
        }
        AllocationProblem before = problem == null ? problems.remove(name) : problems.put(name, problem);
        return problem == null ? before != null : before == null || !problem.isRepeatOf(before);
    }
}
