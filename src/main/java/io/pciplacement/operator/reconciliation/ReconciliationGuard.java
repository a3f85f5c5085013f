package io.pciplacement.operator.reconciliation;

import io.fabric8.kubernetes.api.model.HasMetadata;
import jakarta.annotation.Priority;
import jakarta.interceptor.AroundInvoke;
import jakarta.interceptor.Interceptor;
import jakarta.interceptor.InvocationContext;
import org.jspecify.annotations.Nullable;

/**
 * Interceptor around every reconciliation: java-operator-sdk catches exceptions only, so after an Error the object
 * would count as in progress until the process restarts.
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
    @Nullable Object guardReconciliation(InvocationContext context) throws Exception {
        return active.runTracked((HasMetadata) context.getParameters()[0], context::proceed);
    }
}
