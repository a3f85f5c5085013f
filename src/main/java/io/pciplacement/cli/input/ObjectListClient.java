package io.pciplacement.cli.input;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.pciplacement.api.v1alpha1.ApiConstants;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Client that lists objects of the API server. The complete Kubernetes client takes longer to initialize than a command
 * takes otherwise.
 */
final class ObjectListClient {

    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final ApiServerConnection connection;

    ObjectListClient(ApiServerConnection connection) {
        this.connection = connection;
    }

    /** Items of a list; null in a response without items. */
    private record ObjectList<T>(@Nullable List<T> items) {}

    /** Object of any kind without spec and status. */
    record ObjectWithMetadata(@Nullable ObjectMeta metadata) {}

    /**
     * Kind of listed objects.
     *
     * @param path the path of its list without a slash at its beginning
     * @param accepted the header Accept
     */
    record ListedKind<T>(String path, String accepted, Class<T> type) {

        private static final String JSON_TYPE = "application/json";

        /** Only the metadata. API servers that do not know the first type select the second. */
        static final ListedKind<ObjectWithMetadata> NODE = new ListedKind<>(
                "api/v1/nodes",
                "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1," + JSON_TYPE,
                ObjectWithMetadata.class);

        static final ListedKind<HostPciInventory> HOST = customResource("hostpciinventories", HostPciInventory.class);
        static final ListedKind<PciDeviceSpec> SPEC = customResource("pcidevicespecs", PciDeviceSpec.class);
        static final ListedKind<PciAllocation> ALLOCATION = customResource("pciallocations", PciAllocation.class);

        private static <T> ListedKind<T> customResource(String plural, Class<T> type) {
            return new ListedKind<>(
                    "apis/%s/%s/%s".formatted(ApiConstants.GROUP, ApiConstants.VERSION, plural), JSON_TYPE, type);
        }

        /** Returns the parser of its list; the first call takes longer than a request, the others take no time. */
        ObjectReader parser() {
            return JSON.readerFor(JSON.getTypeFactory().constructParametricType(ObjectList.class, type));
        }

        private List<T> parseList(byte[] body) {
            try {
                ObjectList<T> list = parser().readValue(body);
                return Objects.requireNonNullElse(list.items(), List.of());
            } catch (IOException e) {
                throw new KubernetesClientException(
                        "the response to GET /%s is not a list: %s".formatted(path, e.getMessage()), e);
            }
        }
    }

    <T> CompletableFuture<List<T>> list(ListedKind<T> kind) {
        return connection.get(kind.path(), kind.accepted()).thenApply(response -> {
            if (response.status() / 100 != 2) {
                throw toException(response);
            }
            return kind.parseList(response.body());
        });
    }

    /** Returns the result, or throws the failure of the request as an exception of the Kubernetes client. */
    static <T> T await(CompletableFuture<T> result) {
        try {
            return result.join();
        } catch (CompletionException e) {
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            throw cause instanceof KubernetesClientException failure
                    ? failure
                    : new KubernetesClientException(String.valueOf(cause.getMessage()), cause);
        }
    }

    /** Exception with the Status of the response; a proxy may send any other body. */
    private static KubernetesClientException toException(ApiServerConnection.Response response) {
        Status status;
        try (ByteArrayInputStream body = new ByteArrayInputStream(response.body())) {
            status = JSON.readValue(body, Status.class);
        } catch (IOException e) {
            status = new Status();
        }
        if (status.getMessage() == null) {
            status.setMessage("status " + response.status());
        }
        status.setCode(response.status());
        return new KubernetesClientException(status);
    }
}
