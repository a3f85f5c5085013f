package io.pciplacement.cli.input;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.pciplacement.api.v1alpha1.ApiConstants;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Client that lists objects of the API server. It uses only the HTTP client of fabric8, with its authentication,
 * because the complete Kubernetes client takes longer to initialize than a command takes otherwise.
 */
final class ObjectListClient {

    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();
    private static final String JSON_TYPE = "application/json";
    /** Only the metadata of each object. API servers that do not know the first type select the second. */
    private static final String METADATA_TYPE =
            "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1," + JSON_TYPE;

    private final HttpClient http;
    private final String server;

    /** @param server URL of the API server, with a slash at its end */
    ObjectListClient(HttpClient http, String server) {
        this.http = http;
        this.server = server;
    }

    /** Items of a list; null in a response without items. */
    private record ObjectList<T>(@Nullable List<T> items) {}

    /** Object of any kind without spec and status. */
    private record ObjectWithMetadata(@Nullable ObjectMeta metadata) {}

    /** Lists the custom resources of one kind. */
    <T> CompletableFuture<List<T>> listCustomResources(String plural, Class<T> type) {
        return list(
                "apis/%s/%s/%s".formatted(ApiConstants.GROUP, ApiConstants.VERSION, plural),
                JSON_TYPE,
                JSON.getTypeFactory().constructParametricType(ObjectList.class, type));
    }

    /** Lists the metadata of the nodes. */
    CompletableFuture<List<ObjectMeta>> listNodes() {
        CompletableFuture<List<ObjectWithMetadata>> nodes = list(
                "api/v1/nodes",
                METADATA_TYPE,
                JSON.getTypeFactory().constructType(new TypeReference<ObjectList<ObjectWithMetadata>>() {}));
        return nodes.thenApply(objects -> objects.stream()
                .map(ObjectWithMetadata::metadata)
                .filter(Objects::nonNull)
                .toList());
    }

    private <T> CompletableFuture<List<T>> list(String path, String accepted, JavaType type) {
        HttpRequest request = http.newHttpRequestBuilder()
                .uri(server + path)
                .header("Accept", accepted)
                .build();
        return http.sendAsync(request, byte[].class).thenApply(response -> {
            if (!response.isSuccessful()) {
                throw toException(response);
            }
            try {
                ObjectList<T> list = JSON.readValue(response.body(), type);
                return Objects.requireNonNullElse(list.items(), List.of());
            } catch (IOException e) {
                throw new KubernetesClientException(
                        "the response to GET %s is not a list: %s".formatted(request.uri(), e.getMessage()), e);
            }
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
    private static KubernetesClientException toException(HttpResponse<byte[]> response) {
        Status status;
        try (ByteArrayInputStream body = new ByteArrayInputStream(response.body())) {
            status = JSON.readValue(body, Status.class);
        } catch (IOException e) {
            status = new Status();
        }
        if (status.getMessage() == null) {
            status.setMessage("status %d %s"
                    .formatted(response.code(), response.message())
                    .strip());
        }
        status.setCode(response.code());
        return new KubernetesClientException(status);
    }
}
