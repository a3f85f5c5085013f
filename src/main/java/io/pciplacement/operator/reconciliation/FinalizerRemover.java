package io.pciplacement.operator.reconciliation;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;

/**
 * Removes the finalizer of an object once its cleanup is complete, instead of java-operator-sdk. Version 5.3 records by
 * name that a finalizer was removed, and only after the request. If the object has been created again by then, its
 * timers and its deletion are ignored, so that it is never deleted.
 */
public final class FinalizerRemover {

    private FinalizerRemover() {}

    /** Removes the finalizer if a cleanup allows it; returns the control that leaves nothing to java-operator-sdk. */
    public static <P extends HasMetadata> DeleteControl removeAfter(DeleteControl cleanup, Context<P> context) {
        if (!cleanup.isRemoveFinalizer()) {
            return cleanup;
        }
        context.resourceOperations().removeFinalizer();
        return DeleteControl.noFinalizerRemoval();
    }
}
