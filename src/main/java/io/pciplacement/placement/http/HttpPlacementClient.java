package io.pciplacement.placement.http;

import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.Inventories;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.ProviderAllocations;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
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
        Call call = Call.get("/resource_providers?required={trait}", trait);
        return switch (connection.send(call, (_, body) -> Readings.providers(body))) {
            case Answer.Good<List<ResourceProvider>>(List<ResourceProvider> providers) -> providers;
            case Answer.Bad<List<ResourceProvider>> bad
            when bad.status() == 400 && bad.detail().contains("No such trait") -> List.of();
            case Answer.Bad<List<ResourceProvider>> bad -> throw Refusals.of(call, bad);
        };
    }

    @Override
    public Optional<ResourceProvider> providerNamed(String name) {
        return ask(Call.get("/resource_providers?name={name}", name), Readings::providers).stream()
                .findFirst();
    }

    @Override
    public List<ResourceProvider> tree(UUID root) {
        return ask(Call.get("/resource_providers?in_tree={uuid}", root), Readings::providers);
    }

    @Override
    public ResourceProvider createProvider(UUID uuid, String name, Optional<UUID> parent) {
        return ask(
                Call.of("POST", "/resource_providers")
                        .with(Bodies.provider(uuid, name, parent))
                        .about("name '%s', uuid %s%s"
                                .formatted(
                                        name,
                                        uuid,
                                        parent.map(p -> ", parent " + p).orElse(""))),
                Readings::provider);
    }

    @Override
    public void deleteProvider(UUID uuid) {
        Call call = Call.of("DELETE", PROVIDER, uuid);
        switch (connection.send(call, (_, _) -> true)) {
            case Answer.Good<Boolean> _ -> {}
            case Answer.Bad<Boolean> bad when bad.status() == 404 -> {}
            case Answer.Bad<Boolean> bad -> throw Refusals.of(call, bad);
        }
    }

    @Override
    public Inventories inventories(UUID provider) {
        return ask(Call.get(INVENTORIES, provider), Readings::inventories);
    }

    @Override
    public int putInventories(UUID provider, Inventories inventories) {
        return ask(
                Call.of("PUT", INVENTORIES, provider).with(Bodies.inventories(inventories)), Readings::newGeneration);
    }

    @Override
    public ProviderTraits traits(UUID provider) {
        return ask(Call.get(TRAITS, provider), Readings::traits);
    }

    @Override
    public int putTraits(UUID provider, ProviderTraits traits) {
        return ask(Call.of("PUT", TRAITS, provider).with(Bodies.traits(traits)), Readings::newGeneration);
    }

    @Override
    public ProviderAllocations allocations(UUID provider) {
        return ask(Call.get(PROVIDER + "/allocations", provider), Readings::providerAllocations);
    }

    @Override
    public void reshape(Map<UUID, Inventories> inventories, Map<UUID, Allocation> allocations) {
        boolean withTypes = allHaveTypes(allocations);
        tell(Call.of("POST", "/reshaper")
                .with(Bodies.reshape(inventories, allocations, withTypes))
                .about(count(inventories.size(), "provider"))
                .at(version(withTypes)));
    }

    @Override
    public Allocation allocation(UUID consumer) {
        return ask(Call.get("/allocations/{uuid}", consumer), Readings::allocation);
    }

    @Override
    public void putAllocations(Map<UUID, Allocation> allocations) {
        boolean withTypes = allHaveTypes(allocations);
        String some = allocations.keySet().stream().limit(3).map(UUID::toString).collect(Collectors.joining(", "));
        tell(Call.of("POST", "/allocations")
                .with(Bodies.allocations(allocations, withTypes))
                .about("of " + some + (allocations.size() > 3 ? ", ..." : ""))
                .at(version(withTypes)));
    }

    /**
     * Who claims through an older version, as Nova does, leaves a consumer's type unknown, and Placement does not take
     * that back as a type. A version without types leaves them as they are.
     */
    private static boolean allHaveTypes(Map<UUID, Allocation> allocations) {
        return allocations.values().stream().noneMatch(a -> a.consumerType().equals(Readings.UNKNOWN_TYPE));
    }

    private static Microversion version(boolean withTypes) {
        return withTypes ? Microversion.NEEDED : Microversion.WITHOUT_CONSUMER_TYPE;
    }

    @Override
    public Set<ResourceClass> resourceClasses() {
        return ask(Call.get("/resource_classes"), Readings::resourceClasses);
    }

    @Override
    public Set<Trait> traits() {
        return ask(Call.get("/traits"), Readings::traitNames);
    }

    @Override
    public Set<Trait> existing(Collection<Trait> traits) {
        if (traits.isEmpty()) {
            return Set.of();
        }
        String names = traits.stream().map(Trait::name).distinct().sorted().collect(Collectors.joining(","));
        Set<Trait> found = names.length() <= MAX_QUERY
                ? ask(Call.get("/traits?name=in:{names}", names), Readings::traitNames)
                : traits();
        found.retainAll(Set.copyOf(traits));
        return found;
    }

    @Override
    public void createTrait(Trait trait) {
        tell(Call.of("PUT", "/traits/{name}", trait));
    }

    @Override
    public void createResourceClass(ResourceClass resourceClass) {
        tell(Call.of("PUT", "/resource_classes/{name}", resourceClass));
    }

    private void tell(Call call) {
        ask(call, body -> true);
    }

    /** How the body of an answer becomes a value. */
    @FunctionalInterface
    private interface Body<T> {
        T read(InputStream body) throws IOException;
    }

    private <T> T ask(Call call, Body<T> reading) {
        return switch (connection.send(call, (_, body) -> reading.read(body))) {
            case Answer.Good<T>(T value) -> value;
            case Answer.Bad<T> bad -> throw Refusals.of(call, bad);
        };
    }

    private static String count(int n, String what) {
        return n == 1 ? "1 " + what : n + " " + what + "s";
    }
}
