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
import io.pciplacement.text.CountFormat;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** Client of the Placement API over HTTP. It does not retry failed requests, except after renewing an expired token. */
public final class HttpPlacementClient implements PlacementClient {

    private static final String PROVIDER_PATH = "/resource_providers/{uuid}";
    private static final String INVENTORIES_PATH = PROVIDER_PATH + "/inventories";
    private static final String TRAITS_PATH = PROVIDER_PATH + "/traits";

    /** Some web servers in front of Placement reject longer queries. */
    private static final int MAX_QUERY_LENGTH = 4000;

    private final PlacementConnection connection;

    public HttpPlacementClient(PlacementConnection connection) {
        this.connection = connection;
    }

    @Override
    public List<ResourceProvider> listProvidersWithTrait(Trait trait) {
        return listProviders(PlacementRequest.get("/resource_providers?required={trait}", trait));
    }

    @Override
    public List<ResourceProvider> listProvidersWithTrait(Trait required, Trait forbidden) {
        return listProviders(
                PlacementRequest.get("/resource_providers?required={traits}", required + ",!" + forbidden));
    }

    private List<ResourceProvider> listProviders(PlacementRequest request) {
        return switch (connection.execute(request, (_, body) -> ResponseBodies.readProviders(body))) {
            case PlacementResponse.Success<List<ResourceProvider>>(List<ResourceProvider> providers) -> providers;
            case PlacementResponse.ErrorResponse<List<ResourceProvider>> error
            when error.status() == 400 && error.detail().contains("No such trait") -> List.of();
            case PlacementResponse.ErrorResponse<List<ResourceProvider>> error ->
                throw ErrorMapper.toException(request, error);
        };
    }

    @Override
    public Optional<ResourceProvider> findProviderByName(String name) {
        return execute(PlacementRequest.get("/resource_providers?name={name}", name), ResponseBodies::readProviders)
                .stream()
                .findFirst();
    }

    @Override
    public List<ResourceProvider> listProvidersInTree(UUID root) {
        return execute(PlacementRequest.get("/resource_providers?in_tree={uuid}", root), ResponseBodies::readProviders);
    }

    @Override
    public ResourceProvider createProvider(UUID uuid, String name, Optional<UUID> parent) {
        return execute(
                PlacementRequest.of("POST", "/resource_providers")
                        .withBody(RequestBodies.providerBody(uuid, name, parent))
                        .withSubject("name '%s', uuid %s%s"
                                .formatted(
                                        name,
                                        uuid,
                                        parent.map(p -> ", parent " + p).orElse(""))),
                ResponseBodies::readProvider);
    }

    @Override
    public void deleteProvider(UUID uuid) {
        PlacementRequest request = PlacementRequest.of("DELETE", PROVIDER_PATH, uuid);
        switch (connection.execute(request, (_, _) -> true)) {
            case PlacementResponse.Success<Boolean> _ -> {}
            case PlacementResponse.ErrorResponse<Boolean> error when error.status() == 404 -> {}
            case PlacementResponse.ErrorResponse<Boolean> error -> throw ErrorMapper.toException(request, error);
        }
    }

    @Override
    public ProviderInventories getInventories(UUID provider) {
        return execute(PlacementRequest.get(INVENTORIES_PATH, provider), ResponseBodies::readInventories);
    }

    @Override
    public int putInventories(UUID provider, ProviderInventories inventories) {
        return execute(
                PlacementRequest.of("PUT", INVENTORIES_PATH, provider)
                        .withBody(RequestBodies.inventoriesBody(inventories)),
                ResponseBodies::readNewGeneration);
    }

    @Override
    public ProviderTraits getTraits(UUID provider) {
        return execute(PlacementRequest.get(TRAITS_PATH, provider), ResponseBodies::readTraits);
    }

    @Override
    public int putTraits(UUID provider, ProviderTraits traits) {
        return execute(
                PlacementRequest.of("PUT", TRAITS_PATH, provider).withBody(RequestBodies.traitsBody(traits)),
                ResponseBodies::readNewGeneration);
    }

    @Override
    public ProviderAllocations getProviderAllocations(UUID provider) {
        return execute(
                PlacementRequest.get(PROVIDER_PATH + "/allocations", provider),
                ResponseBodies::readProviderAllocations);
    }

    @Override
    public void reshape(Map<UUID, ProviderInventories> inventories, Map<UUID, Allocation> allocations) {
        boolean withTypes = allHaveConsumerTypes(allocations);
        executeWithoutResult(PlacementRequest.of("POST", "/reshaper")
                .withBody(RequestBodies.reshapeBody(inventories, allocations, withTypes))
                .withSubject(CountFormat.format(inventories.size(), "provider"))
                .withMicroversion(microversionFor(withTypes)));
    }

    @Override
    public Allocation getAllocation(UUID consumer) {
        return execute(PlacementRequest.get("/allocations/{uuid}", consumer), ResponseBodies::readAllocation);
    }

    @Override
    public void putAllocations(Map<UUID, Allocation> allocations) {
        boolean withTypes = allHaveConsumerTypes(allocations);
        String firstConsumers =
                allocations.keySet().stream().limit(3).map(UUID::toString).collect(Collectors.joining(", "));
        executeWithoutResult(PlacementRequest.of("POST", "/allocations")
                .withBody(RequestBodies.allocationsBody(allocations, withTypes))
                .withSubject("of " + firstConsumers + (allocations.size() > 3 ? ", ..." : ""))
                .withMicroversion(microversionFor(withTypes)));
    }

    /**
     * Consumers created with an older microversion, as Nova does, have no type, and Placement rejects {@code unknown}
     * as a type. A microversion without types leaves the types unchanged.
     */
    private static boolean allHaveConsumerTypes(Map<UUID, Allocation> allocations) {
        return allocations.values().stream().noneMatch(a -> a.consumerType().equals(ResponseBodies.UNKNOWN_TYPE));
    }

    private static Microversion microversionFor(boolean withTypes) {
        return withTypes ? Microversion.REQUIRED : Microversion.WITHOUT_CONSUMER_TYPE;
    }

    @Override
    public Set<ResourceClass> listResourceClasses() {
        return execute(PlacementRequest.get("/resource_classes"), ResponseBodies::readResourceClasses);
    }

    @Override
    public Set<Trait> listTraits() {
        return execute(PlacementRequest.get("/traits"), ResponseBodies::readTraitNames);
    }

    @Override
    public Set<Trait> findExistingTraits(Collection<Trait> traits) {
        if (traits.isEmpty()) {
            return Set.of();
        }
        String names = traits.stream().map(Trait::name).distinct().sorted().collect(Collectors.joining(","));
        Set<Trait> found = names.length() <= MAX_QUERY_LENGTH
                ? execute(PlacementRequest.get("/traits?name=in:{names}", names), ResponseBodies::readTraitNames)
                : listTraits();
        found.retainAll(Set.copyOf(traits));
        return found;
    }

    @Override
    public void createTrait(Trait trait) {
        executeWithoutResult(PlacementRequest.of("PUT", "/traits/{name}", trait));
    }

    @Override
    public void createResourceClass(ResourceClass resourceClass) {
        executeWithoutResult(PlacementRequest.of("PUT", "/resource_classes/{name}", resourceClass));
    }

    private void executeWithoutResult(PlacementRequest request) {
        execute(request, body -> true);
    }

    /** Parser of the body of a response. */
    @FunctionalInterface
    private interface Body<T> {
        T parseBody(InputStream body) throws IOException;
    }

    private <T> T execute(PlacementRequest request, Body<T> parser) {
        return switch (connection.execute(request, (_, body) -> parser.parseBody(body))) {
            case PlacementResponse.Success<T>(T value) -> value;
            case PlacementResponse.ErrorResponse<T> error -> throw ErrorMapper.toException(request, error);
        };
    }
}
