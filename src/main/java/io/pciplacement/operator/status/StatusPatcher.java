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
 * Writes the operator's part of a status, whole, by server-side apply.
 *
 * <p>Not through java-operator-sdk's UpdateControl: while such a patch is under way, 5.3.2 takes every event of the
 * object up to the patch's own version for an echo of it and drops it. A deletion, a changed spec or an agent's new
 * list that came in between would be lost.
 */
@ApplicationScoped
public class StatusPatcher {

    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager(FieldManagers.OPERATOR)
            .withForce(true)
            .build();

    /** So many objects' last statuses are remembered: more than are written before the cache has caught up. */
    private static final int REMEMBERED = 512;

    /** So often it may have changed between two requests. */
    private static final int ATTEMPTS = 10;

    private final KubernetesClient client;
    private final Leadership leadership;
    private final Map<String, StatusPatcher.LastWrite> written = remembered();
    private final Set<String> doubtful = Collections.newSetFromMap(remembered());

    /** A status, and the version of the object that has it. */
    private record LastWrite(long version, Object status) {}

    public StatusPatcher(KubernetesClient client, Leadership leadership) {
        this.client = client;
        this.leadership = leadership;
    }

    private static <V> Map<String, V> remembered() {
        return Collections.synchronizedMap(new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
                return size() > REMEMBERED;
            }
        });
    }

    /**
     * Gives an object a status.
     *
     * @param object the object that was looked at; one of the same name made since is not touched
     * @param fresh a new, empty object of the same kind: only what is applied may be in it
     * @return whether it was written; not, where the object is gone
     * @throws io.pciplacement.placement.PlacementException.Unreachable where another operator may lead now
     * @throws StatusTooLargeException where the object would be larger than the API server stores
     */
    public <S, T extends CustomResource<?, S>> boolean write(T object, T fresh, S status) {
        fresh.setStatus(status);
        String uid = object.getMetadata().getUid();
        boolean sure = doubtful.add(uid);
        Optional<T> now;
        try {
            now = applyTo(object, fresh);
        } catch (StatusTooLargeException e) {
            // Certainly not carried out.
            if (sure) {
                doubtful.remove(uid);
            }
            throw e;
        }
        doubtful.remove(uid);
        // Taken out first, so that the eldest goes first.
        written.remove(uid);
        now.ifPresent(it ->
                version(it).ifPresent(version -> written.put(uid, new StatusPatcher.LastWrite(version, status))));
        return now.isPresent();
    }

    /**
     * Gives an object a status unless it has it already. Where the last writing failed it may have been carried out all
     * the same, and whatever was read since may be older: then it is written even where it reads so.
     *
     * @param same whether the object that was looked at says all this already
     * @return whether it was written
     */
    public <S, T extends CustomResource<?, S>> boolean update(T object, T fresh, S status, boolean same) {
        return (!same || doubtful.contains(object.getMetadata().getUid())) && write(object, fresh, status);
    }

    /**
     * The object as it is then, empty where it is gone. For a status Kubernetes does not compare uids: only the version
     * keeps it from an object that has the name by now.
     */
    private <S, T extends CustomResource<?, S>> Optional<T> applyTo(T object, T fresh) {
        String uid = object.getMetadata().getUid();
        String version = writtenAfter(object)
                .map(last -> Long.toString(last.version()))
                .orElseGet(object.getMetadata()::getResourceVersion);
        for (int attempt = 1; ; attempt++) {
            fresh.setMetadata(new ObjectMetaBuilder()
                    .withName(object.getMetadata().getName())
                    .withResourceVersion(version)
                    .build());
            try {
                return Optional.of(apply(fresh));
            } catch (KubernetesClientException e) {
                if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                    return Optional.empty();
                }
                if (isTooLarge(e)) {
                    throw new StatusTooLargeException(String.valueOf(e.getMessage()), e);
                }
                if (e.getCode() != HttpURLConnection.HTTP_CONFLICT || attempt == ATTEMPTS) {
                    throw e;
                }
            }
            // Whoever has changed it meanwhile wakes its reconciler: this is still what is true of what was looked at.
            ObjectMeta now = read(fresh);
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

    protected <S, T extends CustomResource<?, S>> T apply(T fresh) {
        return leadership.execute(
                () -> client.resource(fresh).subresource("status").patch(APPLY));
    }

    protected @Nullable ObjectMeta read(CustomResource<?, ?> object) {
        CustomResource<?, ?> now = client.resource(object).get();
        return now == null ? null : now.getMetadata();
    }

    /**
     * An object with what was written for it after it was read: the caches lag behind, and who compares with an older
     * status would take what Kubernetes has by now for something else.
     */
    public HostPciInventory latest(HostPciInventory read) {
        return latest(read, new HostPciInventory(), HostPciInventoryStatus::withAgentFieldsFrom);
    }

    /** As {@link #latest(HostPciInventory)}; the operator alone writes its status. */
    public PciAllocation latest(PciAllocation read) {
        return latest(read, new PciAllocation(), (last, _) -> last);
    }

    /**
     * The same for any kind.
     *
     * @param fresh an empty object of the same kind
     * @param merged of what was written and what was read, the status that the object has now
     */
    @SuppressWarnings("unchecked") // What was written for an object is of its kind.
    private <P, S, T extends CustomResource<P, S>> T latest(T read, T fresh, BinaryOperator<S> merged) {
        Optional<StatusPatcher.LastWrite> last = writtenAfter(read);
        if (last.isEmpty()) {
            return read;
        }
        fresh.setMetadata(read.getMetadata());
        fresh.setSpec(read.getSpec());
        fresh.setStatus(merged.apply((S) last.get().status(), read.getStatus()));
        return fresh;
    }

    /** What was written for an object after it was read, empty where nothing was that is still remembered. */
    private Optional<StatusPatcher.LastWrite> writtenAfter(HasMetadata read) {
        OptionalLong version = version(read);
        return version.isEmpty()
                ? Optional.empty()
                : Optional.ofNullable(written.get(read.getMetadata().getUid()))
                        .filter(last -> version.getAsLong() < last.version());
    }

    private static OptionalLong version(HasMetadata object) {
        try {
            return OptionalLong.of(Long.parseLong(object.getMetadata().getResourceVersion()));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}
