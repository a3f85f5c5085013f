package io.pciplacement.operator.novaconfig;

import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.NovaConfigStatus;
import org.jspecify.annotations.Nullable;

/**
 * Result of the delivery of one host's configuration.
 *
 * @param status the ConfigMap that exists now; null if there is none
 */
public record NovaConfigResult(@Nullable NovaConfigStatus status, Outcome outcome) {

    /** The delivery is off, or the host is not in the mode Nova. */
    public static final NovaConfigResult NOT_APPLICABLE = new NovaConfigResult(null, new Outcome.NotApplicable());

    /** What was done. */
    public sealed interface Outcome {

        /** No ConfigMap is maintained for the host. */
        record NotApplicable() implements Outcome {}

        /** The configuration cannot be determined at present, so the ConfigMap was not changed. */
        record Retained() implements Outcome {}

        /** The ConfigMap has the exported configuration. */
        record Published() implements Outcome {}

        /**
         * The ConfigMap does not have the exported configuration.
         *
         * @param retry whether another attempt may succeed without a change of the specs
         */
        record Failed(ConditionReason reason, String message, boolean retry) implements Outcome {}
    }

    /** Whether another attempt may succeed. */
    public boolean needsRetry() {
        return outcome instanceof Outcome.Failed failed && failed.retry();
    }
}
