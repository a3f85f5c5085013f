package io.pciplacement.placement.client;

import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.ProviderAllocations;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.placement.http.PlacementResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** Placement over HTTP. What is refused is never tried again here, except for a token that has ended. */
public final class HttpPlacementClient implements PlacementClient {

    private static final String PROVIDER = "/resource_providers/{uuid}";
    private static final String INVENTORIES = PROVIDER + "/inventories";
    private static final String TRAITS = PROVIDER + "/traits";

    /** Longer queries are refused by some of the servers that stand before Placement. */
    private static final int MAX_QUERY = 4000;

    private final PlacementConnection connection;

    public HttpPlacementClient(PlacementConnection connection) {
        this.connection = connection;
    }

    @Override
    public List<ResourceProvider> providersWith(Trait trait) {
        PlacementRequest call = PlacementRequest.get("/resource_providers?required={trait}", trait);
        return switch (connection.send(call, (_, body) -> ResponseBodies.providers(body))) {
            case PlacementResponse.Success<List<ResourceProvider>>(List<ResourceProvider> providers) -> providers;
            case PlacementResponse.ErrorResponse<List<ResourceProvider>> bad
            when bad.status() == 400 && bad.detail().contains("No such trait") -> List.of();
            case PlacementResponse.ErrorResponse<List<ResourceProvider>> bad -> throw ErrorMapper.of(call, bad);
        };
    }

    @Override
    public Optional<ResourceProvider> providerNamed(String name) {
        return ask(PlacementRequest.get("/resource_providers?name={name}", name), ResponseBodies::providers).stream()
                .findFirst();
    }

    @Override
    public List<ResourceProvider> tree(UUID root) {
        return ask(PlacementRequest.get("/resource_providers?in_tree={uuid}", root), ResponseBodies::providers);
    }

    @Override
    public ResourceProvider createProvider(UUID uuid, String name, Optional<UUID> parent) {
        return ask(
                PlacementRequest.of("POST", "/resource_providers")
                        .with(RequestBodies.provider(uuid, name, parent))
                        .about("name '%s', uuid %s%s"
                                .formatted(
                                        name,
                                        uuid,
                                        parent.map(p -> ", parent " + p).orElse(""))),
                ResponseBodies::provider);
    }

    @Override
    public void deleteProvider(UUID uuid) {
        PlacementRequest call = PlacementRequest.of("DELETE", PROVIDER, uuid);
        switch (connection.send(call, (_, _) -> true)) {
            case PlacementResponse.Success<Boolean> _ -> {}
            case PlacementResponse.ErrorResponse<Boolean> bad when bad.status() == 404 -> {}
            case PlacementResponse.ErrorResponse<Boolean> bad -> throw ErrorMapper.of(call, bad);
        }
    }

    @Override
    public ProviderInventories inventories(UUID provider) {
        return ask(PlacementRequest.get(INVENTORIES, provider), ResponseBodies::inventories);
    }

    @Override
    public int putInventories(UUID provider, ProviderInventories inventories) {
        return ask(
                PlacementRequest.of("PUT", INVENTORIES, provider).with(RequestBodies.inventories(inventories)),
                ResponseBodies::newGeneration);
    }

    @Override
    public ProviderTraits traits(UUID provider) {
        return ask(PlacementRequest.get(TRAITS, provider), ResponseBodies::traits);
    }

    @Override
    public int putTraits(UUID provider, ProviderTraits traits) {
        return ask(
                PlacementRequest.of("PUT", TRAITS, provider).with(RequestBodies.traits(traits)),
                ResponseBodies::newGeneration);
    }

    @Override
    public ProviderAllocations allocations(UUID provider) {
        return ask(PlacementRequest.get(PROVIDER + "/allocations", provider), ResponseBodies::providerAllocations);
    }

    @Override
    public void reshape(Map<UUID, ProviderInventories> inventories, Map<UUID, Allocation> allocations) {
        boolean withTypes = allHaveTypes(allocations);
        tell(PlacementRequest.of("POST", "/reshaper")
                .with(RequestBodies.reshape(inventories, allocations, withTypes))
                .about(count(inventories.size(), "provider"))
                .at(version(withTypes)));
    }

    @Override
    public Allocation allocation(UUID consumer) {
        return ask(PlacementRequest.get("/allocations/{uuid}", consumer), ResponseBodies::allocation);
    }

    @Override
    public void putAllocations(Map<UUID, Allocation> allocations) {
        boolean withTypes = allHaveTypes(allocations);
        String some = allocations.keySet().stream().limit(3).map(UUID::toString).collect(Collectors.joining(", "));
        tell(PlacementRequest.of("POST", "/allocations")
                .with(RequestBodies.allocations(allocations, withTypes))
                .about("of " + some + (allocations.size() > 3 ? ", ..." : ""))
                .at(version(withTypes)));
    }

    /**
     * Who claims through an older version, as Nova does, leaves a consumer's type unknown, and Placement does not take
     * that back as a type. A version without types leaves them as they are.
     */
    private static boolean allHaveTypes(Map<UUID, Allocation> allocations) {
        return allocations.values().stream().noneMatch(a -> a.consumerType().equals(ResponseBodies.UNKNOWN_TYPE));
    }

    private static Microversion version(boolean withTypes) {
        return withTypes ? Microversion.NEEDED : Microversion.WITHOUT_CONSUMER_TYPE;
    }

    @Override
    public Set<ResourceClass> resourceClasses() {
        return ask(PlacementRequest.get("/resource_classes"), ResponseBodies::resourceClasses);
    }

    @Override
    public Set<Trait> traits() {
        return ask(PlacementRequest.get("/traits"), ResponseBodies::traitNames);
    }

    @Override
    public Set<Trait> existing(Collection<Trait> traits) {
        if (traits.isEmpty()) {
            return Set.of();
        }
        String names = traits.stream().map(Trait::name).distinct().sorted().collect(Collectors.joining(","));
        Set<Trait> found = names.length() <= MAX_QUERY
                ? ask(PlacementRequest.get("/traits?name=in:{names}", names), ResponseBodies::traitNames)
                : traits();
        found.retainAll(Set.copyOf(traits));
        return found;
    }

    @Override
    public void createTrait(Trait trait) {
        tell(PlacementRequest.of("PUT", "/traits/{name}", trait));
    }

    @Override
    public void createResourceClass(ResourceClass resourceClass) {
        tell(PlacementRequest.of("PUT", "/resource_classes/{name}", resourceClass));
    }

    private void tell(PlacementRequest call) {
        ask(call, body -> true);
    }

    /** How the body of an answer becomes a value. */
    @FunctionalInterface
    private interface Body<T> {
        T read(InputStream body) throws IOException;
    }

    private <T> T ask(PlacementRequest call, Body<T> reading) {
        return switch (connection.send(call, (_, body) -> reading.read(body))) {
            case PlacementResponse.Success<T>(T value) -> value;
            case PlacementResponse.ErrorResponse<T> bad -> throw ErrorMapper.of(call, bad);
        };
    }

    private static String count(int n, String what) {
        return n == 1 ? "1 " + what : n + " " + what + "s";
    }
}
