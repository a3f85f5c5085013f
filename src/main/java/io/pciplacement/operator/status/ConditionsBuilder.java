package io.pciplacement.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.text.SafeText;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Conditions of the usual form: the time of a condition moves only when its status does. */
public final class ConditionsBuilder {

    private static final int MAX_MESSAGE = 4096;

    private final List<Condition> before;
    private final @Nullable Long generation;
    private final String now;
    private final List<Condition> conditions = new ArrayList<>();

    public ConditionsBuilder(@Nullable List<Condition> before, @Nullable Long generation, Instant now) {
        this.before = before == null ? List.of() : before;
        this.generation = generation;
        this.now = now.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    public void isTrue(String type, ConditionReason reason, String message) {
        isTrue(type, reason.value(), message);
    }

    public void isTrue(String type, String reason, String message) {
        add(type, "True", reason, message);
    }

    public void isFalse(String type, ConditionReason reason, String message) {
        isFalse(type, reason.value(), message);
    }

    /** For the name of a finding, or a reason that is passed on. */
    public void isFalse(String type, String reason, String message) {
        add(type, "False", reason, message);
    }

    public void isUnknown(String type, ConditionReason reason, String message) {
        isUnknown(type, reason.value(), message);
    }

    public void isUnknown(String type, String reason, String message) {
        add(type, "Unknown", reason, message);
    }

    public void add(String type, String status, String reason, String message) {
        String since = before.stream()
                .filter(condition -> condition.getType().equals(type) && Objects.equals(condition.getStatus(), status))
                .findFirst()
                .map(Condition::getLastTransitionTime)
                .orElse(now);
        conditions.add(new ConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withMessage(SafeText.singleLine(message, MAX_MESSAGE))
                .withObservedGeneration(generation)
                .withLastTransitionTime(since)
                .build());
    }

    /** Adds others as they are, but for those that summarize them: Ready and Stalled. */
    public void addDetails(@Nullable List<Condition> others) {
        for (Condition other : Objects.requireNonNullElse(others, List.<Condition>of())) {
            if (!other.getType().equals(ConditionType.READY) && !other.getType().equals(ConditionType.STALLED)) {
                add(other.getType(), other.getStatus(), other.getReason(), other.getMessage());
            }
        }
    }

    public Optional<Condition> find(String type) {
        return find(conditions, type);
    }

    public static Optional<Condition> find(@Nullable List<Condition> conditions, String type) {
        return conditions == null
                ? Optional.empty()
                : conditions.stream()
                        .filter(condition -> condition.getType().equals(type))
                        .findFirst();
    }

    public List<Condition> list() {
        return List.copyOf(conditions);
    }
}
