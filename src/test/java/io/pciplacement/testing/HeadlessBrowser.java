package io.pciplacement.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One tab of a headless Chromium, controlled with the Chrome DevTools Protocol. It records every request and every
 * error of the pages. Names of other hosts are not resolved.
 */
public final class HeadlessBrowser implements AutoCloseable, WebSocket.Listener {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final Process process;
    private final WebSocket socket;
    private final StringBuilder message = new StringBuilder();
    private final AtomicInteger lastId = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> responses = new ConcurrentHashMap<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<String> errors = new CopyOnWriteArrayList<>();
    private volatile CompletableFuture<Void> loaded = new CompletableFuture<>();
    private String session = "";

    /** The browser of the variable CHROMIUM, or of PATH. */
    public static Optional<String> find() {
        if (System.getenv("CHROMIUM") != null) {
            return Optional.of(System.getenv("CHROMIUM"));
        }
        return List.of("chromium", "chromium-browser", "google-chrome").stream()
                .flatMap(name -> Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                        .map(directory -> Path.of(directory, name)))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    /** Starts {@code browser} with an empty profile below {@code directory}. */
    public HeadlessBrowser(String browser, Path directory) throws IOException, InterruptedException {
        Path profile = Files.createDirectories(directory.resolve("profile"));
        process = new ProcessBuilder(
                        browser,
                        "--headless",
                        "--no-sandbox", // root cannot use it; only pages of the project are opened
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--disable-background-networking",
                        "--no-first-run",
                        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                        "--remote-debugging-port=0",
                        "--window-size=1300,1000",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("browser.log").toFile())
                .start();
        Path port = profile.resolve("DevToolsActivePort");
        await("the port of " + browser, () -> process.isAlive() && Files.exists(port) && Files.size(port) > 0);
        List<String> address = Files.readAllLines(port);
        socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + address.get(0) + address.get(1)), this)
                .join();
        String target = call("Target.createTarget", "url", "about:blank")
                .path("targetId")
                .asText();
        session = call("Target.attachToTarget", "targetId", target, "flatten", true)
                .path("sessionId")
                .asText();
        for (String domain : List.of("Page", "Runtime", "Network", "Log")) {
            call(domain + ".enable");
        }
    }

    /** A condition that may fail for I/O reasons. */
    @FunctionalInterface
    public interface Condition {
        boolean holds() throws IOException;
    }

    private static void await(String what, Condition condition) throws IOException, InterruptedException {
        Instant end = Instant.now().plus(TIMEOUT);
        while (!condition.holds()) {
            if (Instant.now().isAfter(end)) {
                throw new AssertionError("timed out waiting for " + what);
            }
            Thread.sleep(50);
        }
    }

    /** Opens a page; returns when its load event has fired. */
    public void open(URI page) {
        loaded = new CompletableFuture<>();
        JsonNode result = call("Page.navigate", "url", page.toString());
        if (result.has("errorText")) {
            throw new AssertionError(page + ": " + result.path("errorText").asText());
        }
        get(loaded, page.toString());
    }

    /** The value of a JavaScript expression in the page. */
    public JsonNode evaluate(String expression) {
        JsonNode result =
                call("Runtime.evaluate", "expression", expression, "returnByValue", true, "awaitPromise", true);
        if (result.has("exceptionDetails")) {
            throw new AssertionError(expression + ": " + result.path("exceptionDetails"));
        }
        return result.at("/result/value");
    }

    /** Waits until a JavaScript expression is true. */
    public void awaitTrue(String expression) throws IOException, InterruptedException {
        await(expression, () -> evaluate(expression).asBoolean());
    }

    /** Types into the focused element. The inserted text causes no key events; pages may wait for the last one. */
    public void type(String text) {
        call("Input.insertText", "text", text);
        call("Input.dispatchKeyEvent", "type", "keyUp", "key", text.substring(text.length() - 1));
    }

    /** The URLs of all requests so far. */
    public List<String> requests() {
        return List.copyOf(requests);
    }

    /** All uncaught exceptions, console errors and failed requests so far. */
    public List<String> errors() {
        return List.copyOf(errors);
    }

    private JsonNode call(String method, Object... parameters) {
        ObjectNode request = JSON.createObjectNode();
        int id = lastId.incrementAndGet();
        request.put("id", id).put("method", method);
        if (!session.isEmpty()) {
            request.put("sessionId", session);
        }
        ObjectNode values = request.putObject("params");
        for (int i = 0; i < parameters.length; i += 2) {
            values.set((String) parameters[i], JSON.valueToTree(parameters[i + 1]));
        }
        CompletableFuture<JsonNode> response = new CompletableFuture<>();
        responses.put(id, response);
        socket.sendText(request.toString(), true).join();
        JsonNode answer = get(response, method);
        if (answer.has("error")) {
            throw new AssertionError(method + ": " + answer.path("error"));
        }
        return answer.path("result");
    }

    private static <T> T get(CompletableFuture<T> future, String what) {
        try {
            return future.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError(what, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(what, e);
        }
    }

    @Override
    public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
        message.append(data);
        if (last) {
            try {
                receive(JSON.readTree(message.toString()));
            } catch (IOException e) {
                errors.add(e.toString());
            }
            message.setLength(0);
        }
        return WebSocket.Listener.super.onText(webSocket, data, last);
    }

    private void receive(JsonNode received) {
        JsonNode parameters = received.path("params");
        switch (received.path("method").asText()) {
            case "" ->
                Optional.ofNullable(responses.remove(received.path("id").asInt()))
                        .ifPresent(response -> response.complete(received));
            case "Page.loadEventFired" -> loaded.complete(null);
            case "Network.requestWillBeSent" ->
                requests.add(parameters.at("/request/url").asText());
            case "Network.loadingFailed" -> {
                if (!parameters.path("canceled").asBoolean()) {
                    errors.add(parameters.toString());
                }
            }
            case "Runtime.exceptionThrown" ->
                errors.add(parameters.path("exceptionDetails").toString());
            case "Runtime.consoleAPICalled" -> {
                if (parameters.path("type").asText().equals("error")) {
                    errors.add(parameters.path("args").toString());
                }
            }
            case "Log.entryAdded" -> {
                if (parameters.at("/entry/level").asText().equals("error")) {
                    errors.add(parameters.path("entry").toString());
                }
            }
            default -> {}
        }
    }

    @Override
    public void close() {
        socket.abort();
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
