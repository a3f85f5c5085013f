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
import java.util.stream.Stream;

/** HTTP client of Placement for assertions; it shares no code with the operator's client. */
public final class PlacementApi {

    /** Traits of all providers of the operator. */
    public static final List<String> OWNERSHIP_TRAITS =
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

    /** Response: status and body, empty if there is none. */
    public record Response(int status, JsonNode body) {}

    public Response send(String method, String path, String body) {
        HttpRequest.BodyPublisher publisher =
                body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body);
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + path))
                .header("X-Auth-Token", token)
                .header("OpenStack-API-Version", "placement 1.39")
                .header("Content-Type", "application/json")
                .method(method, publisher)
                .build();
        try {
            HttpResponse<String> received = http.send(request, HttpResponse.BodyHandlers.ofString());
            return new Response(
                    received.statusCode(),
                    received.body().isEmpty() ? JSON.createObjectNode() : JSON.readTree(received.body()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public JsonNode get(String path) {
        Response response = send("GET", path, null);
        if (response.status() != 200) {
            throw new AssertionError("GET " + path + ": " + response);
        }
        return response.body();
    }

    /** Returns the uuids of all providers below a root by name, without the root. */
    public Map<String, String> providersBelow(String root) {
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

    /**
     * Returns one line per provider of a host: address, class=total/reserved, and traits without the ownership traits.
     */
    public Map<String, String> describeTree(String root) {
        Map<String, String> lines = new TreeMap<>();
        providersBelow(root).forEach((name, uuid) -> {
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

    /** Returns the traits of a provider, with or without the ownership traits. */
    public List<String> traits(String uuid, boolean withOwnershipTraits) {
        List<String> traits = new ArrayList<>();
        get("/resource_providers/" + uuid + "/traits").path("traits").forEach(trait -> traits.add(trait.asText()));
        if (!withOwnershipTraits) {
            traits.removeAll(OWNERSHIP_TRAITS);
        }
        traits.sort(null);
        return traits;
    }

    /** Allocates units of a provider to a consumer, as a scheduler would. */
    public void allocate(UUID consumer, String provider, String resourceClass, int amount) {
        allocate(consumer, Map.of(provider, Map.of(resourceClass, amount)));
    }

    /** Allocates units of several providers, by uuid and class, to a consumer. */
    public void allocate(UUID consumer, Map<String, Map<String, Integer>> amounts) {
        ObjectNode allocations = JSON.createObjectNode();
        amounts.forEach(
                (provider, byClass) -> allocations.putObject(provider).set("resources", JSON.valueToTree(byClass)));
        expect(204, send("PUT", "/allocations/" + consumer, """
                {"allocations": %s, "project_id": "p", "user_id": "u",
                 "consumer_generation": null, "consumer_type": "INSTANCE"}""".formatted(allocations)));
    }

    /** Creates a root provider of Nova with CPUs and memory; returns its uuid. */
    public String createComputeProvider(String name) {
        String uuid = UUID.randomUUID().toString();
        send("POST", "/resource_providers", "{\"name\": \"%s\", \"uuid\": \"%s\"}".formatted(name, uuid));
        send("PUT", "/resource_providers/" + uuid + "/inventories", """
                {"resource_provider_generation": 0,
                 "inventories": {"VCPU": {"total": 64}, "MEMORY_MB": {"total": 65536}}}""");
        return uuid;
    }

    /** Adds CPUs and memory to a host's root provider, as nova-compute does; returns its uuid. */
    public String addCpus(String root) {
        String uuid = uuid(root).orElseThrow(() -> new AssertionError("Placement has no provider " + root));
        JsonNode before = get("/resource_providers/" + uuid + "/inventories");
        expect(200, send("PUT", "/resource_providers/" + uuid + "/inventories", """
                {"resource_provider_generation": %d,
                 "inventories": {"VCPU": {"total": 64}, "MEMORY_MB": {"total": 65536}}}""".formatted(
                        before.path("resource_provider_generation").asInt())));
        return uuid;
    }

    /** Replaces the allocations of a consumer, as its manager would: {@code provider/class=amount}. */
    public Response claim(UUID consumer, String type, String... amounts) {
        return claimForConsumer(consumer, "p", type, amounts);
    }

    /** Replaces the allocations of a consumer of a project, whose user has the project's name. */
    public Response claimForConsumer(UUID consumer, String project, String type, String... amounts) {
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

    /** Removes everything but the resources of one provider from the allocation of a consumer. */
    public void reduceTo(UUID consumer, String provider) {
        JsonNode known = get("/allocations/" + consumer);
        ObjectNode request = JSON.createObjectNode()
                .put("project_id", known.path("project_id").asText())
                .put("user_id", known.path("user_id").asText())
                .put("consumer_generation", known.path("consumer_generation").asInt())
                .put("consumer_type", known.path("consumer_type").asText());
        ObjectNode kept = request.putObject("allocations").putObject(provider);
        kept.set("resources", known.at("/allocations/" + provider + "/resources"));
        if (request.path("consumer_type").asText().equals("unknown")) {
            // Only the previous microversion writes a consumer without a type.
            request.put("consumer_type", "INSTANCE");
        }
        expect(204, send("PUT", "/allocations/" + consumer, request.toString()));
    }

    /** Returns the allocations of a consumer: {@code provider/class=amount}, sorted. */
    public List<String> allocationsOf(UUID consumer) {
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

    /** Creates a provider, as another service would. */
    public void create(String uuid, String name, String parentUuid) {
        String parent = parentUuid == null ? "null" : '"' + parentUuid + '"';
        expect(200, send("POST", "/resource_providers", """
                {"uuid": "%s", "name": "%s", "parent_provider_uuid": %s}""".formatted(uuid, name, parent)));
    }

    /** Sets the one inventory of a provider. */
    public void setInventory(String uuid, String resourceClass, int total, int reserved) {
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

    /** Deletes the providers below a root and the root itself, except those that are in use. */
    public void deleteTree(String root) {
        Stream.concat(providersBelow(root).values().stream(), uuid(root).stream())
                .forEach(uuid -> send("DELETE", "/resource_providers/" + uuid, null));
    }

    /** Replaces the traits of a provider. */
    public void setTraits(String uuid, List<String> traits) {
        JsonNode before = get("/resource_providers/" + uuid + "/traits");
        expect(200, send("PUT", "/resource_providers/" + uuid + "/traits", """
                {"traits": %s, "resource_provider_generation": %d}\
                """.formatted(
                        JSON.valueToTree(traits),
                        before.path("resource_provider_generation").asInt())));
    }

    private static void expect(int status, Response response) {
        if (response.status() != status) {
            throw new AssertionError("Placement: " + response);
        }
    }
}
