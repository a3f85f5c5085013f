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
import java.util.function.Function;
import java.util.stream.Stream;

/** HTTP client of Placement for assertions; it shares no code with the operator's client. */
public final class PlacementApi {

    /** Traits of all providers of the operator. */
    public static final List<String> OWNERSHIP_TRAITS =
            List.of("COMPUTE_MANAGED_PCI_DEVICE", "OWNER_NOVA", "CUSTOM_PCI_PLACEMENT_OPERATOR");

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_ATTEMPTS = 10;

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
        expect(200, replace(uuid, "inventories", """
                {"VCPU": {"total": 64}, "MEMORY_MB": {"total": 65536}}"""));
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
        expect(200, replace(uuid, "inventories", inventory(resourceClass, total, reserved)));
    }

    /**
     * Adds units to the reserved ones of a provider with one inventory of several units, as an administrator does.
     *
     * @return whether the provider still exists and has so many units
     */
    public boolean addReserved(String uuid, String resourceClass, int units) {
        return change(uuid, "inventories", inventories -> {
                    int total = inventories.path(resourceClass).path("total").asInt();
                    int reserved =
                            inventories.path(resourceClass).path("reserved").asInt() + units;
                    boolean possible = total > 1 && reserved >= 0 && reserved <= total;
                    return possible ? Optional.of(inventory(resourceClass, total, reserved)) : Optional.empty();
                })
                .filter(response -> response.status() == 200)
                .isPresent();
    }

    private static String inventory(String resourceClass, int total, int reserved) {
        return """
                {"%s": {"total": %d, "reserved": %d, "max_unit": %d}}""".formatted(resourceClass, total, reserved, total);
    }

    /** Deletes the providers below a root and the root itself, except those that are in use. */
    public void deleteTree(String root) {
        Stream.concat(providersBelow(root).values().stream(), uuid(root).stream())
                .forEach(uuid -> send("DELETE", "/resource_providers/" + uuid, null));
    }

    /** Replaces the traits of a provider. */
    public void setTraits(String uuid, List<String> traits) {
        expect(200, replaceTraits(uuid, traits));
    }

    /** Replaces the traits of a provider that another client may delete at the same time. */
    public Response replaceTraits(String uuid, List<String> traits) {
        return replace(uuid, "traits", JSON.valueToTree(traits).toString());
    }

    private Response replace(String uuid, String part, String value) {
        return change(uuid, part, before -> Optional.of(value)).orElseThrow();
    }

    /**
     * Changes the inventories or the traits of a provider. If another client has changed the provider since it was
     * read, it is read again, as every client of Placement must do.
     *
     * @param change computes the new value from the current one; empty if there is nothing to write
     * @return the last response, or that of the read if the provider does not exist; empty if nothing was written
     */
    private Optional<Response> change(String uuid, String part, Function<JsonNode, Optional<String>> change) {
        String path = "/resource_providers/" + uuid + "/" + part;
        for (int attempt = 1; ; attempt++) {
            Response before = send("GET", path, null);
            if (before.status() != 200) {
                return Optional.of(before);
            }
            Optional<String> value = change.apply(before.body().path(part));
            if (value.isEmpty()) {
                return Optional.empty();
            }
            Response written = send("PUT", path, """
                    {"%s": %s, "resource_provider_generation": %d}""".formatted(
                            part,
                            value.get(),
                            before.body().path("resource_provider_generation").asInt()));
            boolean outdated = written.body().findValuesAsText("code").contains("placement.concurrent_update");
            if (!outdated || attempt == MAX_ATTEMPTS) {
                return Optional.of(written);
            }
        }
    }

    private static void expect(int status, Response response) {
        if (response.status() != status) {
            throw new AssertionError("Placement: " + response);
        }
    }
}
