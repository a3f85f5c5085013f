package io.pciplacement.agent.publish;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** The Kubernetes API over HTTP, as much of it as an agent may use: get an object, apply one. */
public final class KubernetesApiClient {

    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration REQUEST = Duration.ofSeconds(15);
    private static final int LONGEST_REASON = 400;

    private final URI base;
    private final Path tokenFile;
    private final Path caFile;
    private final JsonFactory json;
    private final Object meeting = new Object();
    private volatile boolean met;
    private @Nullable HttpClient client;
    private @Nullable FileTime trusted;

    public KubernetesApiClient(URI base, Path tokenFile, Path caFile, JsonFactory json) {
        this.base = base;
        this.tokenFile = tokenFile;
        this.caFile = caFile;
        this.json = json;
    }

    ApiResponse get(String path) {
        return send(
                path, request -> request.header("Accept", "application/json").GET());
    }

    /**
     * Server-side apply.
     *
     * @param body JSON, which is YAML
     */
    ApiResponse apply(String path, boolean force, byte[] body) {
        return send(
                path + "?fieldManager=pci-agent&force=" + force,
                request -> request.header("Content-Type", "application/apply-patch+yaml")
                        // The object itself comes back otherwise, with all its devices.
                        .header(
                                "Accept",
                                "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json")
                        .method("PATCH", HttpRequest.BodyPublishers.ofByteArray(body)));
    }

    /** What makes a request of a path into a certain request. */
    private interface RequestCustomizer {
        HttpRequest.Builder shape(HttpRequest.Builder request);
    }

    /**
     * The first contact is made by one thread, and the other finds the connection open: a handshake is most of a start.
     */
    private ApiResponse send(String path, KubernetesApiClient.RequestCustomizer shape) {
        if (met) {
            return exchange(path, shape);
        }
        synchronized (meeting) {
            ApiResponse answer = exchange(path, shape);
            met = met || !(answer instanceof ApiResponse.Unreachable);
            return answer;
        }
    }

    private ApiResponse exchange(String path, KubernetesApiClient.RequestCustomizer shape) {
        try {
            // Read each time: a token is rotated under the running agent, and the file is small.
            String token = Files.readString(tokenFile).strip();
            HttpRequest request = shape.shape(HttpRequest.newBuilder(URI.create(base + path))
                            .timeout(REQUEST)
                            .header("Authorization", "Bearer " + token))
                    .build();
            HttpResponse<byte[]> response = client().send(request, HttpResponse.BodyHandlers.ofByteArray());
            return answer(response.statusCode(), response.body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new ApiResponse.Unreachable("interrupted");
        } catch (ConnectException e) {
            return new ApiResponse.Unreachable("no connection to " + base);
        } catch (SSLException e) {
            return new ApiResponse.Unreachable(
                    "no trust in " + base + ": " + e.getMessage() + ": is " + caFile + " its CA?");
        } catch (IOException | GeneralSecurityException e) {
            return new ApiResponse.Unreachable(base + ": " + e);
        } catch (IllegalArgumentException e) {
            // Not its text: it would have the token in it.
            return new ApiResponse.Unreachable(tokenFile + " holds no token");
        }
    }

    private ApiResponse answer(int status, byte[] body) {
        if (status / 100 == 2) {
            return new ApiResponse.Success(body);
        }
        return status == 404
                ? new ApiResponse.NotFound()
                : new ApiResponse.Rejected(status, status + " " + message(body) + advice(status));
    }

    private String advice(int status) {
        return switch (status) {
            case 401 -> ": is " + tokenFile + " a token of this cluster, bound to a node that is there?";
            case 403 ->
                ": the agent's role and the admission policy let it write its own node's object only; is NODE_NAME"
                        + " the node of its token?";
            case 409 ->
                ": another manager has written fields that are the agent's; delete the HostPciInventory, the operator makes it again";
            case 422 -> ": are the cluster's CRDs as old as this agent?";
            default -> "";
        };
    }

    /** The message of a Kubernetes Status, or the beginning of whatever else there is. */
    private String message(byte[] body) {
        try (JsonParser parser = json.createParser(body)) {
            if (parser.nextToken() == JsonToken.START_OBJECT) {
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    if (parser.currentName().equals("message")) {
                        return cut(String.valueOf(parser.nextTextValue()));
                    }
                    parser.nextToken();
                    parser.skipChildren();
                }
            }
        } catch (IOException e) {
            // not JSON: a proxy's words, then
        }
        return cut(new String(body, 0, Math.min(body.length, LONGEST_REASON), java.nio.charset.StandardCharsets.UTF_8));
    }

    private static String cut(String text) {
        return text.length() <= LONGEST_REASON ? text.strip() : text.substring(0, LONGEST_REASON) + "...";
    }

    private synchronized HttpClient client() throws IOException, GeneralSecurityException {
        boolean tls = base.getScheme().equals("https");
        FileTime written = tls ? Files.getLastModifiedTime(caFile) : null;
        if (client == null || (written != null && !written.equals(trusted))) {
            HttpClient.Builder builder = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1) // one connection is enough, and it is the smaller of the two
                    .connectTimeout(CONNECT)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .proxy(HttpClient.Builder.NO_PROXY);
            client = (tls ? builder.sslContext(trust()) : builder).build();
            trusted = written;
        }
        return client;
    }

    private SSLContext trust() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream file = Files.newInputStream(caFile)) {
            int number = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(file)) {
                store.setCertificateEntry("ca" + number++, certificate);
            }
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
