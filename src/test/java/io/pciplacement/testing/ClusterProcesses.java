package io.pciplacement.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The processes that {@code hack/local} has started for a cluster: their logs, ports and HTTP responses. */
record ClusterProcesses(Path dir) {

    /** HTTP/1.1, as Prometheus uses it: if HTTP/2 is tried first, one request in several hundred is never answered. */
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** Returns the lines of a log after the first bytes. */
    List<String> logFrom(String name, long bytes) {
        try (InputStream log = Files.newInputStream(dir.resolve(name + ".log"))) {
            log.skipNBytes(bytes);
            return new String(log.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the process of this name, empty if it has ended. */
    Optional<ProcessHandle> find(String name) {
        try {
            String pid = Files.readString(dir.resolve("run/" + name + ".pid")).split(" ")[0];
            return ProcessHandle.of(Long.parseLong(pid));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port(String name) {
        return Integer.parseInt(SavedState.of(dir, name));
    }

    /** Returns the HTTP response of an operator, whatever its status. */
    String ask(String operator, String path) {
        int port = port(operator.replace("operator", "http_port").replace('-', '_'));
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(10))
                .build();
        try {
            return HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
