package io.pciplacement.cli.output;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import org.jspecify.annotations.Nullable;

/**
 * JSON and YAML output for a host with {@code spec.drain}.
 *
 * @param drained status of the condition Drained: True, False or Unknown
 * @param message message of the condition
 */
public record DrainOutput(String drained, String message) {

    /** The drain of a host; null if the host is not drained. */
    public static @Nullable DrainOutput of(HostPciInventory host) {
        if (!host.isDrained()) {
            return null;
        }
        Condition condition = host.getStatus() == null || host.getStatus().conditions() == null
                ? null
                : host.getStatus().conditions().stream()
                        .filter(candidate -> ConditionType.DRAINED.equals(candidate.getType()))
                        .findFirst()
                        .orElse(null);
        return condition == null
                ? new DrainOutput("Unknown", "The operator has not processed spec.drain yet.")
                : new DrainOutput(condition.getStatus(), condition.getMessage());
    }
}
