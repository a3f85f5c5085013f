package io.pciplacement.cli.maintenance;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.cli.input.ClusterSnapshot;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Store of HostPciInventories in the cluster. */
public final class KubernetesHostStore implements HostInventoryStore {

    private static final String FIELD_MANAGER = "pci-command";

    /** Namespace of events about cluster-scoped objects. */
    private static final String EVENT_NAMESPACE = "default";

    private static final int UNPROCESSABLE = 422;

    private final KubernetesClient client;

    public KubernetesHostStore(KubernetesClient client) {
        this.client = client;
    }

    @Override
    public Optional<HostPciInventory> findHost(String node) {
        return Optional.ofNullable(
                client.resources(HostPciInventory.class).withName(node).get());
    }

    @Override
    public HostPciInventory requireHost(String node) {
        return findHost(node)
                .orElseGet(() -> new ClusterSnapshot(
                                client.resources(HostPciInventory.class).list().getItems(),
                                Map.of(),
                                List.of(),
                                List.of())
                        .requireHost(node));
    }

    @Override
    public Optional<HostPciInventory> updateSpec(HostPciInventory version, Map<String, @Nullable Object> fields) {
        String patch = Serialization.asJson(Map.of(
                "metadata", Map.of("resourceVersion", version.getMetadata().getResourceVersion()), "spec", fields));
        PatchContext context = new PatchContext.Builder()
                .withPatchType(PatchType.JSON_MERGE)
                .withFieldManager(FIELD_MANAGER)
                .build();
        return unlessChanged(
                version,
                () -> client.resources(HostPciInventory.class)
                        .withName(version.getMetadata().getName())
                        .patch(context, patch));
    }

    @Override
    public boolean deleteHost(HostPciInventory version) {
        return unlessChanged(
                        version,
                        () -> client.resources(HostPciInventory.class)
                                .withName(version.getMetadata().getName())
                                .lockResourceVersion(version.getMetadata().getResourceVersion())
                                .delete())
                .isPresent();
    }

    private static <T> Optional<T> unlessChanged(HostPciInventory host, Supplier<T> write) {
        try {
            return Optional.of(write.get());
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                return Optional.empty();
            }
            throw describeRejection(e, host.getMetadata().getName());
        }
    }

    /** Returns the exception to throw for a write that the API server rejected. */
    static RuntimeException describeRejection(KubernetesClientException e, String node) {
        String message = e.getStatus() == null ? null : e.getStatus().getMessage();
        if (message == null) {
            return e;
        }
        if (e.getCode() == UNPROCESSABLE || message.contains("denied the request")) {
            return new CliException(
                    ExitCode.UNRESOLVED,
                    "the API server rejected the change of HostPciInventory %s, nothing was changed: %s"
                            .formatted(node, message));
        }
        if (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
            return new CliException(
                    ExitCode.UNAVAILABLE,
                    "the user in KUBECONFIG must not change HostPciInventories; the chart's ClusterRole *-editor (rbac.userRoles) permits it: %s"
                            .formatted(message));
        }
        return e;
    }

    @Override
    public boolean nodeExists(String node) {
        return client.nodes().withName(node).get() != null;
    }

    @Override
    public Optional<List<String>> readRetentionEvents(HostPciInventory host) {
        try {
            return Optional.of(client
                    .v1()
                    .events()
                    .inNamespace(EVENT_NAMESPACE)
                    .withField("involvedObject.uid", host.getMetadata().getUid())
                    .withField("reason", ConditionReason.PROVIDERS_RETAINED.value())
                    .list()
                    .getItems()
                    .stream()
                    .map(Event::getMessage)
                    .distinct()
                    .toList());
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
