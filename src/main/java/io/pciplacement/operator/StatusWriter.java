package io.pciplacement.operator;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.pciplacement.operator.leader.Leadership;
import jakarta.enterprise.context.ApplicationScoped;

/**
 * Writes the operator's part of a status, whole, by server-side apply.
 *
 * <p>Not through java-operator-sdk's UpdateControl: while such a patch is under way, 5.3.2 takes every event of the
 * object up to the patch's own version for an echo of it and drops it. A deletion, a changed spec or an agent's new
 * list that came in between would be lost.
 */
@ApplicationScoped
public class StatusWriter {

    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager(HostReconciler.FIELD_MANAGER)
            .withForce(true)
            .build();

    private final KubernetesClient client;
    private final Leadership leadership;

    StatusWriter(KubernetesClient client, Leadership leadership) {
        this.client = client;
        this.leadership = leadership;
    }

    /**
     * Gives an object a status.
     *
     * @param object the object that was looked at; one of the same name made since is not touched
     * @param fresh a new, empty object of the same kind: only what is applied may be in it
     * @throws io.pciplacement.placement.PlacementException.Unreachable where another operator may lead now
     */
    <S, T extends CustomResource<?, S>> void write(T object, T fresh, S status) {
        fresh.setMetadata(new ObjectMetaBuilder()
                .withName(object.getMetadata().getName())
                .withUid(object.getMetadata().getUid())
                .build());
        fresh.setStatus(status);
        var _ = leadership.through(
                () -> client.resource(fresh).subresource("status").patch(APPLY));
    }
}
