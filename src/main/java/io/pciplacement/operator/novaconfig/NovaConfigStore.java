package io.pciplacement.operator.novaconfig;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.pciplacement.operator.event.HostEventSource;
import io.pciplacement.operator.leader.Leadership;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The ConfigMaps of all hosts, in one namespace. */
public class NovaConfigStore {

    private static final Logger LOG = Logger.getLogger(NovaConfigStore.class);

    private final KubernetesClient client;
    private final Leadership leadership;
    private final HostEventSource hostEventSource;
    private final @Nullable String namespace;
    private final Set<String> waitingHosts = ConcurrentHashMap.newKeySet();
    private volatile @Nullable SharedIndexInformer<ConfigMap> informer;

    /** @param namespace the namespace of the ConfigMaps; null if the delivery is off */
    public NovaConfigStore(
            KubernetesClient client,
            Leadership leadership,
            HostEventSource hostEventSource,
            @Nullable String namespace) {
        this.client = client;
        this.leadership = leadership;
        this.hostEventSource = hostEventSource;
        this.namespace = namespace;
    }

    /** The namespace of the ConfigMaps; empty if the delivery is off. */
    Optional<String> namespace() {
        return Optional.ofNullable(namespace);
    }

    /**
     * Starts the informer. It does not wait until it has synced, and retries until it can read the namespace: a missing
     * permission must not stop the operator.
     */
    public void startInformer() {
        if (namespace == null) {
            return;
        }
        SharedIndexInformer<ConfigMap> started = client.configMaps()
                .inNamespace(namespace)
                .withLabel(NovaConfigMap.LABEL)
                .runnableInformer(0);
        started.addEventHandler(new TriggerHost());
        started.exceptionHandler((_, e) -> {
            LOG.warnf("failed to watch ConfigMaps: namespace=%s error=%s", namespace, describe(e));
            return true;
        });
        informer = started;
        started.start().thenRun(this::triggerWaitingHosts);
    }

    private void triggerWaitingHosts() {
        waitingHosts.forEach(host -> {
            waitingHosts.remove(host);
            hostEventSource.trigger(host);
        });
    }

    /** The message of the API server if the failure has one; a watch fails with a CompletionException. */
    static String describe(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof KubernetesClientException e && e.getStatus() != null
                ? e.getStatus().getMessage()
                : String.valueOf(cause.getMessage());
    }

    public void stopInformer() {
        SharedIndexInformer<ConfigMap> started = informer;
        if (started != null) {
            started.stop();
        }
    }

    /** Whether the informer has read the namespace; if it has not, the host is triggered when it has. */
    boolean isSyncedFor(String host) {
        waitingHosts.add(host);
        SharedIndexInformer<ConfigMap> started = informer;
        boolean synced = started != null && started.hasSynced();
        if (synced) {
            waitingHosts.remove(host);
        }
        return synced;
    }

    /** The host's ConfigMap from the cache. */
    Optional<ConfigMap> findCached(String node) {
        SharedIndexInformer<ConfigMap> started = informer;
        return started == null
                ? Optional.empty()
                : Optional.ofNullable(started.getStore().getByKey(namespace + "/" + NovaConfigMap.nameFor(node)));
    }

    /** The host's ConfigMap, read from the API server, with or without the operator's label. */
    Optional<ConfigMap> read(String node) {
        return Optional.ofNullable(client.configMaps()
                .inNamespace(namespace)
                .withName(NovaConfigMap.nameFor(node))
                .get());
    }

    void create(ConfigMap configMap) {
        leadership.executeAsLeader(() -> resource(configMap).create());
    }

    /** Replaces a ConfigMap; fails with a conflict if it has changed since it was read. */
    void replace(ConfigMap configMap) {
        leadership.executeAsLeader(() -> resource(configMap)
                .lockResourceVersion(configMap.getMetadata().getResourceVersion())
                .update());
    }

    /** Deletes a ConfigMap unless it has changed since it was read. */
    void delete(ConfigMap configMap) {
        leadership.executeAsLeader(() -> client.resource(configMap)
                .lockResourceVersion(configMap.getMetadata().getResourceVersion())
                .delete());
    }

    private Resource<ConfigMap> resource(ConfigMap configMap) {
        return client.configMaps().inNamespace(namespace).resource(configMap);
    }

    /** Triggers the host of a ConfigMap that another client has changed or deleted. */
    private final class TriggerHost implements ResourceEventHandler<ConfigMap> {

        @Override
        public void onAdd(ConfigMap added) {
            trigger(added);
        }

        @Override
        public void onUpdate(ConfigMap before, ConfigMap now) {
            trigger(now);
        }

        @Override
        public void onDelete(ConfigMap deleted, boolean unknownState) {
            trigger(deleted);
        }

        private void trigger(ConfigMap changed) {
            NovaConfigMap.findNode(changed).ifPresent(hostEventSource::trigger);
        }
    }
}
