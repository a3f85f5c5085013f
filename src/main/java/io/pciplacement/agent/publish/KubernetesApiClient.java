package io.pciplacement.agent.publish;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.pciplacement.connection.CaCertificates;
import io.pciplacement.connection.ConnectionFailure;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Minimal client of the Kubernetes API with the requests that an agent may send: get and server-side apply. */
public final class KubernetesApiClient {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(15);
    private static final int MAX_REASON_LENGTH = 400;
    private static final String METADATA_ONLY =
            "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

    private final URI base;
    private final Path tokenFile;
    private final Path caFile;
    private final JsonFactory json;
    private final Object firstConnectionLock = new Object();
    private volatile boolean connected;
    private @Nullable HttpClient client;
    private @Nullable FileTime caModifiedAt;

    public KubernetesApiClient(URI base, Path tokenFile, Path caFile, JsonFactory json) {
        this.base = base;
        this.tokenFile = tokenFile;
        this.caFile = caFile;
        this.json = json;
    }

    ApiResponse getObject(String path) {
        return sendRequest(
                path, request -> request.header("Accept", "application/json").GET());
    }

    /** Metadata of an object; the whole object if the server has no such representation. */
    ApiResponse getMetadata(String path) {
        return sendRequest(
                path, request -> request.header("Accept", METADATA_ONLY).GET());
    }

    /**
     * Server-side apply.
     *
     * @param body JSON, which is YAML
     */
    ApiResponse serverSideApply(String path, boolean force, byte[] body) {
        return sendRequest(
                path + "?fieldManager=pci-agent&force=" + force,
                request -> request.header("Content-Type", "application/apply-patch+yaml")
                        // Otherwise the response contains the whole object with all its devices.
                        .header("Accept", METADATA_ONLY)
                        .method("PATCH", HttpRequest.BodyPublishers.ofByteArray(body)));
    }

    /** Adds method, headers and body to a request. */
    private interface RequestCustomizer {
        HttpRequest.Builder customize(HttpRequest.Builder request);
    }

    /**
     * Sends a request. Until the first response, only one thread connects and the others reuse its connection, because
     * the TLS handshake dominates the start-up time.
     */
    private ApiResponse sendRequest(String path, RequestCustomizer customizer) {
        if (connected) {
            return exchange(path, customizer);
        }
        synchronized (firstConnectionLock) {
            ApiResponse response = exchange(path, customizer);
            connected = connected || !(response instanceof ApiResponse.Unreachable);
            return response;
        }
    }

    private ApiResponse exchange(String path, RequestCustomizer customizer) {
        try {
            // Read for each request, because tokens are rotated; the file is small.
            String token = Files.readString(tokenFile).strip();
            HttpRequest request = customizer
                    .customize(HttpRequest.newBuilder(URI.create(base + path))
                            .timeout(REQUEST_TIMEOUT)
                            .header("Authorization", "Bearer " + token))
                    .build();
            HttpResponse<byte[]> response = httpClient().send(request, HttpResponse.BodyHandlers.ofByteArray());
            return toResponse(response.statusCode(), response.body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new ApiResponse.Unreachable("interrupted");
        } catch (GeneralSecurityException e) {
            return new ApiResponse.Unreachable("cannot read CA certificates from " + caFile + ": " + e.getMessage());
        } catch (FileSystemException e) {
            return new ApiResponse.Unreachable(
                    "cannot read %s (%s): check that token and CA certificate of the service account are mounted"
                            .formatted(e.getFile(), e.getClass().getSimpleName()));
        } catch (IOException e) {
            return new ApiResponse.Unreachable(base + ": " + describe(ConnectionFailure.of(e)));
        } catch (IllegalArgumentException e) {
            // The exception message is left out because it contains the token.
            return new ApiResponse.Unreachable(tokenFile + " contains no valid token");
        }
    }

    private String describe(ConnectionFailure failure) {
        return switch (failure.kind()) {
            case CONNECT_TIMEOUT -> "no connection within %d s".formatted(CONNECT_TIMEOUT.toSeconds());
            case RESPONSE_TIMEOUT -> "no response within %d s".formatted(REQUEST_TIMEOUT.toSeconds());
            case HOST_NOT_FOUND -> "host not found";
            case CONNECTION_REFUSED -> "connection refused";
            case UNTRUSTED_SERVER ->
                "its certificate is not trusted (%s): check that %s is its CA".formatted(failure.message(), caFile);
            case INVALID_CERTIFICATE_OR_KEY, OTHER -> "connection failed: " + failure.message();
        };
    }

    private ApiResponse toResponse(int status, byte[] body) {
        if (status / 100 == 2) {
            return new ApiResponse.Success(body);
        }
        return status == 404
                ? new ApiResponse.NotFound()
                : new ApiResponse.Rejected(status, status + " " + errorMessage(body) + remedyFor(status));
    }

    private String remedyFor(int status) {
        return switch (status) {
            case 401 -> ": check that " + tokenFile + " is a token of this cluster, bound to a node that exists";
            case 403 ->
                ": the agent's role and the admission policy allow writes only to the object of its own node; check that"
                        + " NODE_NAME is the node of its token";
            case 409 ->
                ": another field manager has written fields of the agent; delete the HostPciInventory, the operator recreates it";
            case 422 -> ": check that the CRDs in the cluster have the version of this agent";
            default -> "";
        };
    }

    /** The message of a Kubernetes Status, or the beginning of any other body. */
    private String errorMessage(byte[] body) {
        try (JsonParser parser = json.createParser(body)) {
            if (parser.nextToken() == JsonToken.START_OBJECT) {
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    if (parser.currentName().equals("message")) {
                        return truncate(String.valueOf(parser.nextTextValue()));
                    }
                    parser.nextToken();
                    parser.skipChildren();
                }
            }
        } catch (IOException e) {
            // not JSON, for example the error page of a proxy
        }
        return truncate(
                new String(body, 0, Math.min(body.length, MAX_REASON_LENGTH), java.nio.charset.StandardCharsets.UTF_8));
    }

    private static String truncate(String text) {
        return text.length() <= MAX_REASON_LENGTH ? text.strip() : text.substring(0, MAX_REASON_LENGTH) + "...";
    }

    private synchronized HttpClient httpClient() throws IOException, GeneralSecurityException {
        boolean tls = base.getScheme().equals("https");
        FileTime modifiedAt = tls ? Files.getLastModifiedTime(caFile) : null;
        if (client == null || (modifiedAt != null && !modifiedAt.equals(caModifiedAt))) {
            HttpClient.Builder builder = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1) // needs less memory than HTTP/2; one connection is enough
                    .connectTimeout(CONNECT_TIMEOUT)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .proxy(HttpClient.Builder.NO_PROXY);
            client = (tls ? builder.sslContext(createSslContext()) : builder).build();
            caModifiedAt = modifiedAt;
        }
        return client;
    }

    private SSLContext createSslContext() throws IOException, GeneralSecurityException {
        try (InputStream file = Files.newInputStream(caFile)) {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, CaCertificates.readTrustManagers(file), null);
            return context;
        }
    }
}
