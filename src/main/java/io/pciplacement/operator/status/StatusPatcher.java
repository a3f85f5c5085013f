package io.pciplacement.operator.status;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.pciplacement.api.v1alpha1.FieldManagers;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.operator.leader.Leadership;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.HttpURLConnection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Writer of the operator's part of a status, by server-side apply.
 *
 * <p>Not through java-operator-sdk's UpdateControl: while such a patch is in progress, 5.3.2 drops every event of the
 * object up to the version of the patch as its own. A deletion, a spec change or a new device list in between would be
 * lost.
 */
@ApplicationScoped
public class StatusPatcher {

    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager(FieldManagers.OPERATOR)
            .withForce(true)
            .build();

    /** Maximum number of cached writes; more than are written before the informer cache has caught up. */
    private static final int MAX_CACHED_WRITES = 512;

    /** Maximum number of attempts after conflicts. */
    private static final int MAX_ATTEMPTS = 10;

    private final KubernetesClient client;
    private final Leadership leadership;
    private final Map<String, LastWrite> lastWrites = boundedMap();
    private final Set<String> unconfirmed = Collections.newSetFromMap(boundedMap());

    /** A written status and the resource version of the object with it. */
    private record LastWrite(long version, Object status) {}

    public StatusPatcher(KubernetesClient client, Leadership leadership) {
        this.client = client;
        this.leadership = leadership;
    }

    private static <V> Map<String, V> boundedMap() {
        return Collections.synchronizedMap(new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
                return size() > MAX_CACHED_WRITES;
            }
        });
    }

    /**
     * Writes the status of an object.
     *
     * @param object the object that was reconciled; a newer object of the same name is not changed
     * @param fresh a new, empty object of the same kind; it must contain only what is applied
     * @return whether it was written; false if the object no longer exists
     * @throws io.pciplacement.operator.leader.NotLeadingException if this process is not the leader
     * @throws StatusTooLargeException if the object would exceed the size limit of the API server
     */
    public <S, T extends CustomResource<?, S>> boolean patchStatus(T object, T fresh, S status) {
        fresh.setStatus(status);
        String uid = object.getMetadata().getUid();
        boolean previousConfirmed = unconfirmed.add(uid);
        Optional<T> now;
        try {
            now = applyWithRetry(object, fresh);
        } catch (StatusTooLargeException e) {
            // The write was rejected, so its result is certain.
            if (previousConfirmed) {
                unconfirmed.remove(uid);
            }
            throw e;
        }
        unconfirmed.remove(uid);
        // Removed first, so that the map stays ordered by time of writing.
        lastWrites.remove(uid);
        now.ifPresent(it ->
                resourceVersion(it).ifPresent(version -> lastWrites.put(uid, new LastWrite(version, status))));
        return now.isPresent();
    }

    /**
     * Writes the status of an object unless it has it already. After a failed write it is unknown whether the write
     * took effect, and the cache may be older; then the status is written even if it looks unchanged.
     *
     * @param same whether the object that was reconciled already has this status
     * @return whether it was written
     */
    public <S, T extends CustomResource<?, S>> boolean patchIfChanged(T object, T fresh, S status, boolean same) {
        return (!same || unconfirmed.contains(object.getMetadata().getUid())) && patchStatus(object, fresh, status);
    }

    /**
     * The object after the write; empty if it no longer exists. Kubernetes does not compare uids when a status is
     * applied: only the resource version protects a newer object of the same name.
     */
    private <S, T extends CustomResource<?, S>> Optional<T> applyWithRetry(T object, T fresh) {
        String uid = object.getMetadata().getUid();
        String version = lastWriteAfter(object)
                .map(last -> Long.toString(last.version()))
                .orElseGet(object.getMetadata()::getResourceVersion);
        for (int attempt = 1; ; attempt++) {
            fresh.setMetadata(new ObjectMetaBuilder()
                    .withName(object.getMetadata().getName())
                    .withResourceVersion(version)
                    .build());
            try {
                return Optional.of(applyStatus(fresh));
            } catch (KubernetesClientException e) {
                if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                    return Optional.empty();
                }
                if (isTooLarge(e)) {
                    throw new StatusTooLargeException(String.valueOf(e.getMessage()), e);
                }
                if (e.getCode() != HttpURLConnection.HTTP_CONFLICT || attempt == MAX_ATTEMPTS) {
                    throw e;
                }
            }
            // The concurrent change triggers another reconciliation; this status is still correct for the reconciled
            // state.
            ObjectMeta now = readMetadata(fresh);
            if (now == null || !now.getUid().equals(uid)) {
                return Optional.empty();
            }
            version = now.getResourceVersion();
        }
    }

    /** The API server's own limit has a status code; those of etcd and of the client for it come as a 500. */
    private static boolean isTooLarge(KubernetesClientException e) {
        String message = String.valueOf(e.getMessage());
        return e.getCode() == HttpURLConnection.HTTP_ENTITY_TOO_LARGE
                || message.contains("request is too large")
                || message.contains("larger than max");
    }

    protected <S, T extends CustomResource<?, S>> T applyStatus(T fresh) {
        return leadership.executeAsLeader(
                () -> client.resource(fresh).subresource("status").patch(APPLY));
    }

    protected @Nullable ObjectMeta readMetadata(CustomResource<?, ?> object) {
        CustomResource<?, ?> now = client.resource(object).get();
        return now == null ? null : now.getMetadata();
    }

    /**
     * An object with the status written after the object was read: the cache lags behind, and a comparison with an
     * older status would detect a change that is none.
     */
    public HostPciInventory withLastWrite(HostPciInventory read) {
        return withLastWrite(read, new HostPciInventory(), HostPciInventoryStatus::withAgentFieldsFrom);
    }

    /** As {@link #withLastWrite(HostPciInventory)}; only the operator writes its status. */
    public PciAllocation withLastWrite(PciAllocation read) {
        return withLastWrite(read, new PciAllocation(), (last, _) -> last);
    }

    /**
     * As {@link #withLastWrite(HostPciInventory)}, for any kind.
     *
     * @param fresh an empty object of the same kind
     * @param merge combines the written and the read status into the current one
     */
    @SuppressWarnings("unchecked") // The status written for an object has the type of its kind.
    private <P, S, T extends CustomResource<P, S>> T withLastWrite(T read, T fresh, BinaryOperator<S> merge) {
        Optional<LastWrite> last = lastWriteAfter(read);
        if (last.isEmpty()) {
            return read;
        }
        fresh.setMetadata(read.getMetadata());
        fresh.setSpec(read.getSpec());
        fresh.setStatus(merge.apply((S) last.get().status(), read.getStatus()));
        return fresh;
    }

    /** The last write after the object was read; empty if there is none in the cache. */
    private Optional<LastWrite> lastWriteAfter(HasMetadata read) {
        OptionalLong version = resourceVersion(read);
        return version.isEmpty()
                ? Optional.empty()
                : Optional.ofNullable(lastWrites.get(read.getMetadata().getUid()))
                        .filter(last -> version.getAsLong() < last.version());
    }

    private static OptionalLong resourceVersion(HasMetadata object) {
        try {
            return OptionalLong.of(Long.parseLong(object.getMetadata().getResourceVersion()));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}
