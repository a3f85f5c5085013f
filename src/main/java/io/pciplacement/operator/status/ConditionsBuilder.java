package io.pciplacement.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.Conditions;
import io.pciplacement.text.SafeText;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Builder of a list of conditions; lastTransitionTime changes only if the status of a condition changes. */
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

    public void setTrue(String type, ConditionReason reason, String message) {
        setTrue(type, reason.value(), message);
    }

    public void setTrue(String type, String reason, String message) {
        setCondition(type, "True", reason, message);
    }

    public void setFalse(String type, ConditionReason reason, String message) {
        setFalse(type, reason.value(), message);
    }

    /** For reasons of findings and reasons copied from another condition. */
    public void setFalse(String type, String reason, String message) {
        setCondition(type, "False", reason, message);
    }

    public void setUnknown(String type, ConditionReason reason, String message) {
        setUnknown(type, reason.value(), message);
    }

    public void setUnknown(String type, String reason, String message) {
        setCondition(type, "Unknown", reason, message);
    }

    public void setCondition(String type, String status, String reason, String message) {
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

    /** Copies conditions except Ready and Stalled, which summarize the others. */
    public void copyDetails(@Nullable List<Condition> others) {
        for (Condition other : Objects.requireNonNullElse(others, List.<Condition>of())) {
            if (!other.getType().equals(ConditionType.READY) && !other.getType().equals(ConditionType.STALLED)) {
                setCondition(other.getType(), other.getStatus(), other.getReason(), other.getMessage());
            }
        }
    }

    public Optional<Condition> findCondition(String type) {
        return Conditions.find(conditions, type);
    }

    public List<Condition> build() {
        return List.copyOf(conditions);
    }
}
