package io.pciplacement.testing;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ResourceOperations;
import java.lang.reflect.Proxy;

/** Context of a cleanup that records whether the finalizer was removed. Everything else is not available. */
public final class CleanupContext<P extends HasMetadata> {

    private final P object;
    private boolean finalizerRemoved;

    public CleanupContext(P object) {
        this.object = object;
    }

    public boolean isFinalizerRemoved() {
        return finalizerRemoved;
    }

    @SuppressWarnings("unchecked")
    public Context<P> context() {
        ResourceOperations<P> operations = new ResourceOperations<>(null) {
            @Override
            public P removeFinalizer() {
                finalizerRemoved = true;
                return object;
            }
        };
        return (Context<P>) Proxy.newProxyInstance(
                CleanupContext.class.getClassLoader(), new Class<?>[] {Context.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("resourceOperations")) {
                        return operations;
                    }
                    throw new UnsupportedOperationException(method.getName());
                });
    }
}
