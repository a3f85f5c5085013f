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

/** What was last judged of each PciAllocation, and what it has written; not for use by several threads. */
final class AllocationStateCache {

    /** The reasons for which a consumer is not the object's own begin so. */
    private static final String FOREIGN = "Foreign";

    private final Map<String, String> uids = new HashMap<>();
    private final Map<String, AllocationProblem> problems = new HashMap<>();

    /** Why objects are not accepted, by name; from their statuses until they are judged. */
    private final Map<String, String> refusals = new HashMap<>();

    private final Set<String> judged = new HashSet<>();

    /** Objects that have had something in Placement. */
    private final Set<String> withAmounts = new HashSet<>();

    /** What objects have written, by uid. */
    private final Map<String, AllocationRecord> records = new HashMap<>();

    Optional<AllocationRecord> record(String uid) {
        return Optional.ofNullable(records.get(uid));
    }

    void remember(String uid, AllocationRecord record) {
        records.put(uid, record);
    }

    void forgetRecord(String uid) {
        records.remove(uid);
    }

    boolean isNamed(String name, String uid) {
        return uid.equals(uids.get(name));
    }

    /** Takes in an object with what its status says; returns false where another had the name before. */
    boolean seen(String name, String uid, Optional<String> refusal, boolean amounts) {
        String before = uids.put(name, uid);
        boolean same = before == null || before.equals(uid);
        if (!same) {
            forget(name);
            uids.put(name, uid);
        }
        if (!judged.contains(name)) {
            refusal.ifPresentOrElse(reason -> refusals.put(name, reason), () -> refusals.remove(name));
            if (amounts) {
                withAmounts.add(name);
            }
        }
        return same;
    }

    void forget(String name) {
        uids.remove(name);
        problems.remove(name);
        refusals.remove(name);
        judged.remove(name);
        withAmounts.remove(name);
    }

    /** Whether an object has, or had, something in Placement. */
    boolean hasAmounts(String name) {
        return withAmounts.contains(name);
    }

    /** Whether the consumers that an object names are its own, as far as Placement was asked. */
    boolean owns(DesiredAllocation holding, UUID consumer) {
        String refusal = refusals.getOrDefault(holding.name(), "");
        return consumer.equals(holding.consumer().uuid())
                ? !refusal.equals(AllocationProblemReason.FOREIGN_CONSUMER.value())
                : !refusal.startsWith(FOREIGN);
    }

    /** Whether an object's devices count as held: not where it is refused and never had anything in Placement. */
    boolean holds(DesiredAllocation holding) {
        return owns(holding, holding.consumer().uuid())
                && (!refusals.containsKey(holding.name()) || withAmounts.contains(holding.name()));
    }

    /** Whether Placement has no allocation for devices that an object says are held. */
    boolean lacksAllocation(String name) {
        return switch (problems.get(name)) {
            case AllocationProblem.ConsumerHasNoAllocation p -> true;
            case AllocationProblem.ProviderFull p -> true;
            case AllocationProblem.RejectedByPlacement p -> true;
            case null, default -> false;
        };
    }

    Optional<AllocationProblem> problem(String name) {
        return Optional.ofNullable(problems.get(name));
    }

    /**
     * Remembers why an object is not as it should be, null where it is.
     *
     * @return whether that is news
     */
    boolean problem(String name, @Nullable AllocationProblem problem) {
        judged.add(name);
        if (problem == null) {
            withAmounts.add(name);
        }
        if (problem != null && problem.requiresUserAction()) {
            refusals.put(name, problem.reason());
        } else if (!(problem instanceof AllocationProblem.InsufficientDevices)) {
            // For want of room nobody has asked whose the consumer is.
            refusals.remove(name);
        }
        AllocationProblem before = problem == null ? problems.remove(name) : problems.put(name, problem);
        return problem == null ? before != null : before == null || !problem.isRepeatOf(before);
    }
}
