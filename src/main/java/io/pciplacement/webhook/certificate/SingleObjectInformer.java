package io.pciplacement.webhook.certificate;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.Optional;

/** Informer on a single object. Needs permission for that object only. */
final class SingleObjectInformer<T extends HasMetadata> {

    private final SharedIndexInformer<T> informer;

    SingleObjectInformer(Resource<T> resource) {
        informer = resource.runnableInformer(0);
    }

    /** Starts the informer. It reconnects after an outage of the API server. */
    void startInformer(Runnable onChange) {
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

    /** Whether the informer has synced, so that a missing object does not exist. */
    boolean hasSynced() {
        return informer.hasSynced();
    }

    Optional<T> findObject() {
        return informer.getStore().list().stream().findFirst();
    }
}
