package io.pciplacement.placement.http;

import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.pciplacement.placement.config.CloudConfig;
import io.pciplacement.placement.config.TlsTrust;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** HTTP transport with connection reuse, request timeouts and an observer of requests. */
public final class HttpTransport {

    private final HttpClient client;
    private final TlsTrust trust;
    private final Duration requestTimeout;
    private final RequestObserver observer;

    /** Start times of the requests without a complete response. */
    private final Map<Object, Long> pendingRequests = new ConcurrentHashMap<>();

    public HttpTransport(CloudConfig cloud, ConnectionSettings settings, RequestObserver observer) {
        this.trust = cloud.trust();
        this.requestTimeout = settings.requestTimeout();
        this.observer = observer;
        HttpClient.Builder builder = HttpClient.newBuilder()
                // Placement's servers support no other version, and some fail if HTTP/2 is offered.
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(settings.connectTimeout());
        @Nullable SSLContext context = trust.createSslContext(cloud.source());
        this.client = (context == null ? builder : builder.sslContext(context)).build();
    }

    /** Whether this transport can be used for a cloud: its TLS settings are the same. */
    public boolean isUsableFor(CloudConfig cloud) {
        return trust.equals(cloud.trust());
    }

    /** Age of the oldest pending request; zero if there is none. */
    public Duration longestPendingRequest() {
        long now = System.nanoTime();
        return pendingRequests.values().stream()
                .map(begun -> Duration.ofNanos(now - begun))
                .max(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
    }

    public void close() {
        client.shutdownNow();
    }

    public <T> PlacementResponse<T> send(
            HttpRequest.Builder builder, String route, PlacementResponse.BodyReader<T> reader)
            throws IOException, InterruptedException {
        HttpRequest request = builder.timeout(requestTimeout)
                .header("User-Agent", "pci-placement-operator")
                .build();
        try {
            return sendOnce(request, route, reader);
        } catch (HttpTimeoutException
                | ConnectException
                | SSLException
                | ResponseTooLargeException
                | StreamConstraintsException e) {
            throw e;
        } catch (IOException e) {
            // The server may just have closed a reused connection. Only reads can be repeated.
            if ("GET".equals(request.method())) {
                return sendOnce(request, route, reader);
            }
            throw e;
        }
    }

    private <T> PlacementResponse<T> sendOnce(HttpRequest request, String route, PlacementResponse.BodyReader<T> reader)
            throws IOException, InterruptedException {
        long start = System.nanoTime();
        int status = RequestObserver.NO_RESPONSE;
        Object requestKey = new Object();
        pendingRequests.put(requestKey, start);
        try {
            HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            Duration remaining = requestTimeout.minusNanos(System.nanoTime() - start);
            PlacementResponse<T> result = readResponse(response, remaining, reader);
            status = response.statusCode();
            return result;
        } finally {
            pendingRequests.remove(requestKey);
            observer.onCompleted(request.method(), route, status, Duration.ofNanos(System.nanoTime() - start));
        }
    }

    /** The timeout of HttpClient ends with the headers; a stalled body must not block a thread forever. */
    private static <T> PlacementResponse<T> readResponse(
            HttpResponse<InputStream> response, Duration remaining, PlacementResponse.BodyReader<T> reader)
            throws IOException {
        AtomicBoolean timedOut = new AtomicBoolean();
        CompletableFuture<@Nullable Void> deadline = new CompletableFuture<@Nullable Void>()
                .orTimeout(Math.max(1, remaining.toMillis()), TimeUnit.MILLISECONDS);
        try (InputStream body = response.body()) {
            var _ = deadline.whenComplete((_, timeout) -> {
                if (timeout != null) {
                    timedOut.set(true);
                    closeQuietly(body);
                }
            });
            int status = response.statusCode();
            InputStream limited = new LimitedBody(body, ResponseLimits.MAX_BODY_BYTES);
            PlacementResponse<T> result = status / 100 == 2
                    ? new PlacementResponse.Success<>(reader.readBody(response.headers(), limited))
                    : ErrorResponseParser.parse(status, response.headers(), limited);
            drainBody(body);
            return result;
        } catch (IOException e) {
            if (timedOut.get()) {
                throw new HttpTimeoutException("the response was not complete in time");
            }
            throw e;
        } finally {
            deadline.complete(null);
        }
    }

    /** Reads the rest of the body so that the connection can be reused, unless it is larger than the limit. */
    private static void drainBody(InputStream body) throws IOException {
        try {
            new LimitedBody(body, ResponseLimits.MAX_DRAINED_BYTES).transferTo(OutputStream.nullOutputStream());
        } catch (ResponseTooLargeException e) {
            // Closing the body closes the connection.
        }
    }

    private static void closeQuietly(InputStream body) {
        try {
            body.close();
        } catch (IOException e) {
            // The reader's own read fails, too.
        }
    }
}
