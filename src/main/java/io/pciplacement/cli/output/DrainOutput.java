package io.pciplacement.cli.output;

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
        return host.findCondition(ConditionType.DRAINED)
                .map(condition -> new DrainOutput(condition.getStatus(), condition.getMessage()))
                .orElseGet(() -> new DrainOutput("Unknown", "The operator has not processed spec.drain yet."));
    }
}
