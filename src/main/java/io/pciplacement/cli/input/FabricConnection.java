package io.pciplacement.cli.input;

import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import java.util.concurrent.CompletableFuture;

/** Connection by the HTTP client of fabric8, with any authentication that a kubeconfig may require. */
record FabricConnection(HttpClient http, String server) implements ApiServerConnection {

    /** @param server URL of the API server, with a slash at its end */
    FabricConnection {}

    @Override
    public CompletableFuture<Response> get(String path, String accepted) {
        HttpRequest request = http.newHttpRequestBuilder()
                .uri(server + path)
                .header("Accept", accepted)
                .build();
        return http.sendAsync(request, byte[].class)
                .thenApply(response -> new Response(response.code(), response.body()));
    }

    @Override
    public void close() {
        http.close();
    }
}
