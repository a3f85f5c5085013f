package io.pciplacement.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/** Asks Placement itself, by plain requests that share nothing with the operator's client. */
public final class PlacementApi {

    /** The traits that every provider of the operator's has. */
    public static final List<String> MARKS =
            List.of("COMPUTE_MANAGED_PCI_DEVICE", "OWNER_NOVA", "CUSTOM_PCI_PLACEMENT_OPERATOR");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String url;
    private final String token;

    public PlacementApi(String url, String token) {
        this.url = url;
        this.token = token;
    }

    /** An answer: its status and its body, empty where there is none. */
    public record Answer(int status, JsonNode body) {}

    public Answer send(String method, String path, String body) {
        HttpRequest.BodyPublisher publisher =
                body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body);
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + path))
                .header("X-Auth-Token", token)
                .header("OpenStack-API-Version", "placement 1.39")
                .header("Content-Type", "application/json")
                .method(method, publisher)
                .build();
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            return new Answer(
                    response.statusCode(),
                    response.body().isEmpty() ? JSON.createObjectNode() : JSON.readTree(response.body()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public JsonNode get(String path) {
        Answer answer = send("GET", path, null);
        if (answer.status() != 200) {
            throw new AssertionError("GET " + path + ": " + answer);
        }
        return answer.body();
    }

    /** The uuids of all providers below a root of this name, the root itself left out, by name. */
    public Map<String, String> below(String root) {
        Map<String, String> result = new TreeMap<>();
        uuid(root)
                .ifPresent(uuid -> get("/resource_providers?in_tree=" + uuid)
                        .path("resource_providers")
                        .forEach(provider -> {
                            if (!provider.path("name").asText().equals(root)) {
                                result.put(
                                        provider.path("name").asText(),
                                        provider.path("uuid").asText());
                            }
                        }));
        return result;
    }

    public Optional<String> uuid(String name) {
        JsonNode found = get("/resource_providers?name=" + name).path("resource_providers");
        return found.isEmpty()
                ? Optional.empty()
                : Optional.of(found.get(0).path("uuid").asText());
    }

    /** What a host has, one line per provider: its address, class=total/reserved, and its traits but the marks. */
    public Map<String, String> view(String root) {
        Map<String, String> lines = new TreeMap<>();
        below(root).forEach((name, uuid) -> {
            List<String> inventories = new ArrayList<>();
            get("/resource_providers/" + uuid + "/inventories")
                    .path("inventories")
                    .properties()
                    .forEach(entry -> inventories.add(entry.getKey() + "="
                            + entry.getValue().path("total").asInt() + "/"
                            + entry.getValue().path("reserved").asInt()));
            lines.put(name.substring(root.length() + 1), String.join(",", inventories) + " " + traits(uuid, false));
        });
        return lines;
    }

    /** The traits of a provider, with or without those that every provider of the operator has. */
    public List<String> traits(String uuid, boolean marks) {
        List<String> traits = new ArrayList<>();
        get("/resource_providers/" + uuid + "/traits").path("traits").forEach(trait -> traits.add(trait.asText()));
        if (!marks) {
            traits.removeAll(MARKS);
        }
        traits.sort(null);
        return traits;
    }

    /** Gives a consumer some of a provider, as a scheduler would. */
    public void allocate(UUID consumer, String provider, String resourceClass, int amount) {
        allocate(consumer, Map.of(provider, Map.of(resourceClass, amount)));
    }

    /** Gives a consumer some of several providers, by uuid and class. */
    public void allocate(UUID consumer, Map<String, Map<String, Integer>> amounts) {
        ObjectNode allocations = JSON.createObjectNode();
        amounts.forEach(
                (provider, byClass) -> allocations.putObject(provider).set("resources", JSON.valueToTree(byClass)));
        expect(204, send("PUT", "/allocations/" + consumer, """
                {"allocations": %s, "project_id": "p", "user_id": "u",
                 "consumer_generation": null, "consumer_type": "INSTANCE"}""".formatted(allocations)));
    }

    /** Makes a root provider that is not the operator's, with CPUs and memory, as Nova does; returns its uuid. */
    public String compute(String name) {
        String uuid = UUID.randomUUID().toString();
        send("POST", "/resource_providers", "{\"name\": \"%s\", \"uuid\": \"%s\"}".formatted(name, uuid));
        send("PUT", "/resource_providers/" + uuid + "/inventories", """
                {"resource_provider_generation": 0,
                 "inventories": {"VCPU": {"total": 64}, "MEMORY_MB": {"total": 65536}}}""");
        return uuid;
    }

    /** Gives a host's root provider CPUs and memory, as nova-compute does; returns its uuid. */
    public String withCpus(String root) {
        String uuid = uuid(root).orElseThrow(() -> new AssertionError("Placement has no provider " + root));
        JsonNode before = get("/resource_providers/" + uuid + "/inventories");
        expect(200, send("PUT", "/resource_providers/" + uuid + "/inventories", """
                {"resource_provider_generation": %d,
                 "inventories": {"VCPU": {"total": 64}, "MEMORY_MB": {"total": 65536}}}""".formatted(
                        before.path("resource_provider_generation").asInt())));
        return uuid;
    }

    /** Writes all that a consumer has, as whoever manages it would: {@code provider/class=amount}. */
    public Answer claim(UUID consumer, String type, String... amounts) {
        return claimFor(consumer, "p", type, amounts);
    }

    /** The same for a consumer of a project, whose user has the project's name. */
    public Answer claimFor(UUID consumer, String project, String type, String... amounts) {
        JsonNode known = get("/allocations/" + consumer);
        Map<String, List<String>> byProvider = new TreeMap<>();
        for (String amount : amounts) {
            String[] parts = amount.split("[/=]");
            byProvider
                    .computeIfAbsent(parts[0], provider -> new ArrayList<>())
                    .add("\"%s\": %s".formatted(parts[1], parts[2]));
        }
        List<String> allocations = new ArrayList<>();
        byProvider.forEach((provider, resources) ->
                allocations.add("\"%s\": {\"resources\": {%s}}".formatted(provider, String.join(", ", resources))));
        return send("PUT", "/allocations/" + consumer, """
                {"allocations": {%s}, "project_id": "%s", "user_id": "%s", "consumer_generation": %s,
                 "consumer_type": "%s"}""".formatted(
                        String.join(", ", allocations),
                        project,
                        project.equals("p") ? "u" : project,
                        known.path("consumer_generation").isInt()
                                ? known.path("consumer_generation").asText()
                                : "null",
                        type));
    }

    /** What a consumer has: {@code provider/class=amount}, sorted. */
    public List<String> has(UUID consumer) {
        List<String> amounts = new ArrayList<>();
        get("/allocations/" + consumer)
                .path("allocations")
                .properties()
                .forEach(provider -> provider.getValue()
                        .path("resources")
                        .properties()
                        .forEach(resource -> amounts.add("%s/%s=%d"
                                .formatted(
                                        provider.getKey(),
                                        resource.getKey(),
                                        resource.getValue().asInt()))));
        amounts.sort(null);
        return amounts;
    }

    public void release(UUID consumer) {
        send("DELETE", "/allocations/" + consumer, null);
    }

    /** Makes a provider, as another service would. */
    public void create(String uuid, String name, String parentUuid) {
        String parent = parentUuid == null ? "null" : '"' + parentUuid + '"';
        expect(200, send("POST", "/resource_providers", """
                {"uuid": "%s", "name": "%s", "parent_provider_uuid": %s}""".formatted(uuid, name, parent)));
    }

    /** Sets the one inventory of a provider. */
    public void inventory(String uuid, String resourceClass, int total, int reserved) {
        JsonNode before = get("/resource_providers/" + uuid + "/inventories");
        expect(200, send("PUT", "/resource_providers/" + uuid + "/inventories", """
                {"inventories": {"%s": {"total": %d, "reserved": %d, "max_unit": %d}}, "resource_provider_generation": %d}\
                """.formatted(
                        resourceClass,
                        total,
                        reserved,
                        total,
                        before.path("resource_provider_generation").asInt())));
    }

    private static void expect(int status, Answer answer) {
        if (answer.status() != status) {
            throw new AssertionError("Placement: " + answer);
        }
    }
}
