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

/** Sends requests over kept connections, in bounded time, and tells the observer. */
public final class HttpTransport {

    private final HttpClient client;
    private final TlsTrust trust;
    private final Duration requestTimeout;
    private final RequestObserver observer;

    /** When those requests were begun that have had no whole answer yet. */
    private final Map<Object, Long> waiting = new ConcurrentHashMap<>();

    public HttpTransport(CloudConfig cloud, ConnectionSettings settings, RequestObserver observer) {
        this.trust = cloud.trust();
        this.requestTimeout = settings.requestTimeout();
        this.observer = observer;
        HttpClient.Builder builder = HttpClient.newBuilder()
                // Placement's servers speak no other, and some stumble over the offer of one.
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(settings.connectTimeout());
        @Nullable SSLContext context = trust.context(cloud.source());
        this.client = (context == null ? builder : builder.sslContext(context)).build();
    }

    /** Whether it does for a cloud, or another one is needed. */
    public boolean isFor(CloudConfig cloud) {
        return trust.equals(cloud.trust());
    }

    /** How long the request that waits longest for its answer has done so; zero where none does. */
    public Duration longestWait() {
        long now = System.nanoTime();
        return waiting.values().stream()
                .map(begun -> Duration.ofNanos(now - begun))
                .max(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
    }

    public void close() {
        client.shutdownNow();
    }

    public <T> PlacementResponse<T> send(
            HttpRequest.Builder builder, String route, PlacementResponse.BodyReader<T> reading)
            throws IOException, InterruptedException {
        HttpRequest request = builder.timeout(requestTimeout)
                .header("User-Agent", "pci-placement-operator")
                .build();
        try {
            return once(request, route, reading);
        } catch (HttpTimeoutException
                | ConnectException
                | SSLException
                | ResponseTooLargeException
                | StreamConstraintsException e) {
            throw e;
        } catch (IOException e) {
            // Perhaps a kept connection that the server had just closed. Only reading may be done twice.
            if ("GET".equals(request.method())) {
                return once(request, route, reading);
            }
            throw e;
        }
    }

    private <T> PlacementResponse<T> once(HttpRequest request, String route, PlacementResponse.BodyReader<T> reading)
            throws IOException, InterruptedException {
        long start = System.nanoTime();
        int status = RequestObserver.NO_ANSWER;
        Object ticket = new Object();
        waiting.put(ticket, start);
        try {
            HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            Duration left = requestTimeout.minusNanos(System.nanoTime() - start);
            PlacementResponse<T> answer = read(response, left, reading);
            status = response.statusCode();
            return answer;
        } finally {
            waiting.remove(ticket);
            observer.ended(request.method(), route, status, Duration.ofNanos(System.nanoTime() - start));
        }
    }

    /** HttpClient's own time-out ends with the headers; a body that stops half-way must not hold a thread for ever. */
    private static <T> PlacementResponse<T> read(
            HttpResponse<InputStream> response, Duration left, PlacementResponse.BodyReader<T> reading)
            throws IOException {
        AtomicBoolean late = new AtomicBoolean();
        CompletableFuture<@Nullable Void> deadline =
                new CompletableFuture<@Nullable Void>().orTimeout(Math.max(1, left.toMillis()), TimeUnit.MILLISECONDS);
        try (InputStream body = response.body()) {
            var _ = deadline.whenComplete((_, timeout) -> {
                if (timeout != null) {
                    late.set(true);
                    closeQuietly(body);
                }
            });
            int status = response.statusCode();
            InputStream limited = new LimitedBody(body, ResponseLimits.BODY);
            PlacementResponse<T> answer = status / 100 == 2
                    ? new PlacementResponse.Success<>(reading.read(response.headers(), limited))
                    : ErrorResponseParser.read(status, response.headers(), limited);
            skipRest(body);
            return answer;
        } catch (IOException e) {
            if (late.get()) {
                throw new HttpTimeoutException("the answer was not complete in time");
            }
            throw e;
        } finally {
            deadline.complete(null);
        }
    }

    /** To its end, so that the connection is kept, unless that costs more than a new one. */
    private static void skipRest(InputStream body) throws IOException {
        try {
            new LimitedBody(body, ResponseLimits.REST).transferTo(OutputStream.nullOutputStream());
        } catch (ResponseTooLargeException e) {
            // Closing the body closes the connection.
        }
    }

    private static void closeQuietly(InputStream body) {
        try {
            body.close();
        } catch (IOException e) {
            // The reader learns of it from its own read.
        }
    }
}
