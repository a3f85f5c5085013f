package io.pciplacement.webhook.certificate;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.Optional;

/** One object as it was last seen; it is followed, and who follows may see nothing but it. */
final class SingleObjectInformer<T extends HasMetadata> {

    private final SharedIndexInformer<T> informer;

    SingleObjectInformer(Resource<T> resource) {
        informer = resource.runnableInformer(0);
    }

    /** Follows it from now on, also after an API server that is away. */
    void start(Runnable onChange) {
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(T object) {
                onChange.run();
            }

            @Override
            public void onUpdate(T before, T object) {
                onChange.run();
            }

            @Override
            public void onDelete(T object, boolean finalStateUnknown) {
                onChange.run();
            }
        });
        var _ = informer.exceptionHandler((started, failure) -> true).start();
    }

    /** Whether it is known at all if there is one. */
    boolean known() {
        return informer.hasSynced();
    }

    Optional<T> get() {
        return informer.getStore().list().stream().findFirst();
    }
}
