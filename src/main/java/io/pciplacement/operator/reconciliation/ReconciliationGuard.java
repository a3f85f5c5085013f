package io.pciplacement.operator.reconciliation;

import io.fabric8.kubernetes.api.model.HasMetadata;
import jakarta.annotation.Priority;
import jakarta.interceptor.AroundInvoke;
import jakarta.interceptor.Interceptor;
import jakarta.interceptor.InvocationContext;
import org.jspecify.annotations.Nullable;

/**
 * Interceptor around every reconciliation: java-operator-sdk catches exceptions only, so an Error would leave the
 * object "being worked on" until the process restarts.
 */
@GuardedReconciliation
@Interceptor
@Priority(Interceptor.Priority.APPLICATION)
class ReconciliationGuard {

    private final ActiveReconciliations active;

    ReconciliationGuard(ActiveReconciliations active) {
        this.active = active;
    }

    @AroundInvoke
    @Nullable Object guard(InvocationContext context) throws Exception {
        return active.run((HasMetadata) context.getParameters()[0], context::proceed);
    }
}
