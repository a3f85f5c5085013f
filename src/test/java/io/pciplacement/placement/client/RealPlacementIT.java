package io.pciplacement.placement.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.PlacementException.CapacityExceeded;
import io.pciplacement.placement.PlacementException.Forbidden;
import io.pciplacement.placement.PlacementException.GenerationConflict;
import io.pciplacement.placement.PlacementException.InUse;
import io.pciplacement.placement.PlacementException.NameTaken;
import io.pciplacement.placement.PlacementException.NotFound;
import io.pciplacement.placement.PlacementException.Rejected;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.placement.http.ConnectionSettings;
import io.pciplacement.placement.http.RequestObserver;
import io.pciplacement.testing.RealPlacement;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every request of the client, and every documented exception, against a real Placement. */
@SuppressWarnings("NullAway.Init")
class RealPlacementIT {

    private static final ResourceClass GPU = new ResourceClass("CUSTOM_GPU");
    private static final ResourceClass VF = new ResourceClass("CUSTOM_VF");
    private static final Trait OPERATOR_TRAIT = Trait.OPERATOR_MANAGED;

    private static RealPlacement placement;
    private static PlacementConnection connection;
    private static HttpPlacementClient client;
    private static final List<String> requests = Collections.synchronizedList(new ArrayList<>());

    private UUID root;
    private UUID child;

    @BeforeAll
    static void startPlacement(@TempDir Path dir) {
        placement = RealPlacement.start(dir);
        connection = PlacementConnection.fromEnvironment(
                placement.env("local"),
                ConnectionSettings.DEFAULT,
                (method, route, status, duration) -> requests.add(method + " " + route + " " + status));
        client = new HttpPlacementClient(connection);
        client.createResourceClass(GPU);
        client.createResourceClass(VF);
        client.createTrait(OPERATOR_TRAIT);
    }

    @AfterAll
    static void stopPlacement() {
        connection.close();
        placement.close();
    }

    @BeforeEach
    void createRoot() {
        root = UUID.randomUUID();
        child = UUID.randomUUID();
        client.createProvider(root, "host-" + root, Optional.empty());
        client.createProvider(child, childName(), Optional.of(root));
        requests.clear();
    }

    private String childName() {
        return "host-" + root + "_0000:3b:00.0";
    }

    @Test
    void createsChangesAndDeletesTree() {
        ResourceProvider listed = client.findProviderByName(childName()).orElseThrow();
        assertThat(listed).isEqualTo(new ResourceProvider(child, childName(), root, root, 0));
        assertThat(client.listProvidersInTree(root)).hasSize(2).contains(listed);
        assertThat(client.listProvidersInTree(UUID.randomUUID())).isEmpty();
        assertThat(client.findProviderByName("a b/&c=d+e")).isEmpty();

        assertThat(client.putTraits(child, new ProviderTraits(0, List.of(OPERATOR_TRAIT, Trait.MANAGED_PCI_DEVICE))))
                .isEqualTo(1);
        assertThat(client.putTraits(child, new ProviderTraits(1, List.of(OPERATOR_TRAIT, Trait.MANAGED_PCI_DEVICE))))
                .as("unchanged traits do not change the generation")
                .isEqualTo(1);
        assertThat(client.getTraits(child))
                .isEqualTo(new ProviderTraits(1, List.of(OPERATOR_TRAIT, Trait.MANAGED_PCI_DEVICE)));
        assertThat(client.listProvidersWithTrait(OPERATOR_TRAIT))
                .extracting(ResourceProvider::uuid)
                .contains(child)
                .doesNotContain(root);

        assertThat(client.putInventories(child, new ProviderInventories(1, Map.of(GPU, Inventory.of(1, 0)))))
                .isEqualTo(2);
        assertThat(client.getInventories(child)).isEqualTo(new ProviderInventories(2, Map.of(GPU, Inventory.of(1, 0))));

        client.reshape(
                Map.of(
                        child, new ProviderInventories(2, Map.of(VF, Inventory.of(8, 2))),
                        root, new ProviderInventories(0, Map.of())),
                Map.of());
        assertThat(client.getInventories(child)).isEqualTo(new ProviderInventories(4, Map.of(VF, Inventory.of(8, 2))));
        assertThat(client.getInventories(root)).isEqualTo(new ProviderInventories(1, Map.of()));

        assertThatExceptionOfType(InUse.class)
                .isThrownBy(() -> client.deleteProvider(root))
                .withMessageContaining(root.toString());
        client.deleteProvider(child);
        client.deleteProvider(child);
        client.deleteProvider(root);
        assertThat(client.listProvidersInTree(root)).isEmpty();
    }

    @Test
    void eachMethodSendsOneRequest() {
        client.listProvidersWithTrait(OPERATOR_TRAIT);
        client.getInventories(child);
        client.findExistingTraits(List.of(OPERATOR_TRAIT));
        assertThat(requests)
                .containsExactly(
                        "GET /resource_providers 200",
                        "GET /resource_providers/{uuid}/inventories 200",
                        "GET /traits 200");
    }

    @Test
    void creatingExistingObjects() {
        assertThatExceptionOfType(NameTaken.class)
                .isThrownBy(() -> client.createProvider(child, childName(), Optional.of(root)))
                .withMessageContaining(childName())
                .withMessageContaining("req-");
        assertThatExceptionOfType(NameTaken.class)
                .isThrownBy(() -> client.createProvider(UUID.randomUUID(), childName(), Optional.of(root)));
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(() -> client.createProvider(UUID.randomUUID(), "orphan", Optional.of(UUID.randomUUID())))
                .withMessageContaining("parent provider UUID does not exist");
        client.createTrait(OPERATOR_TRAIT);
        client.createResourceClass(GPU);
    }

    @Test
    void staleGenerationsAreRejected() {
        client.putTraits(child, new ProviderTraits(0, List.of(OPERATOR_TRAIT)));
        ProviderInventories stale = new ProviderInventories(0, Map.of(GPU, Inventory.of(1, 0)));
        assertThatExceptionOfType(GenerationConflict.class)
                .isThrownBy(() -> client.putInventories(child, stale))
                .withMessageStartingWith("PUT /resource_providers/" + child + "/inventories: 409 ")
                .withMessageContaining("resource provider generation conflict");
        assertThatExceptionOfType(GenerationConflict.class)
                .isThrownBy(() -> client.putTraits(child, new ProviderTraits(0, List.of())));
        assertThatExceptionOfType(GenerationConflict.class)
                .isThrownBy(() -> client.reshape(Map.of(child, stale), Map.of()));
    }

    @Test
    void missingObjectsAreReported() {
        UUID missing = UUID.randomUUID();
        ProviderInventories inventories = new ProviderInventories(0, Map.of(GPU, Inventory.of(1, 0)));
        assertThatExceptionOfType(NotFound.class).isThrownBy(() -> client.getInventories(missing));
        assertThatExceptionOfType(NotFound.class).isThrownBy(() -> client.getTraits(missing));
        assertThatExceptionOfType(NotFound.class).isThrownBy(() -> client.getProviderAllocations(missing));
        assertThatExceptionOfType(NotFound.class).isThrownBy(() -> client.putInventories(missing, inventories));
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(() -> client.putTraits(missing, new ProviderTraits(0, List.of(OPERATOR_TRAIT))));
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(() -> client.reshape(Map.of(missing, inventories), Map.of()));
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(() ->
                        client.putAllocations(Map.of(UUID.randomUUID(), claim(Map.of(missing, Map.of(GPU, 1)), null))));
        client.deleteProvider(missing);
    }

    @Test
    void unknownTraitsAndClassesAreReported() {
        Trait unknown = new Trait("CUSTOM_UNKNOWN");
        assertThat(client.listProvidersWithTrait(unknown)).isEmpty();
        assertThat(client.findExistingTraits(List.of(unknown, OPERATOR_TRAIT, Trait.MANAGED_PCI_DEVICE)))
                .containsExactlyInAnyOrder(OPERATOR_TRAIT, Trait.MANAGED_PCI_DEVICE);
        assertThat(client.findExistingTraits(List.of())).isEmpty();
        assertThat(client.listTraits())
                .contains(OPERATOR_TRAIT, Trait.MANAGED_PCI_DEVICE)
                .doesNotContain(unknown);
        assertThat(client.listResourceClasses()).contains(GPU, new ResourceClass("VCPU"));
        assertThatExceptionOfType(Rejected.class)
                .isThrownBy(() -> client.putTraits(child, new ProviderTraits(0, List.of(unknown, OPERATOR_TRAIT))))
                .withMessageContaining("No such trait " + unknown);
        assertThatExceptionOfType(Rejected.class)
                .isThrownBy(() -> client.putInventories(
                        child,
                        new ProviderInventories(0, Map.of(new ResourceClass("CUSTOM_NOT_MADE"), Inventory.of(1, 0)))))
                .withMessageContaining("No such resource class CUSTOM_NOT_MADE");
    }

    @Test
    void findsManyTraitsAtOnce() {
        List<Trait> many = new ArrayList<>(List.of(OPERATOR_TRAIT));
        for (int i = 0; i < 300; i++) {
            many.add(new Trait("CUSTOM_A_RATHER_LONG_NAME_OF_A_TRAIT_" + i));
        }
        assertThat(client.findExistingTraits(many)).containsExactly(OPERATOR_TRAIT);
        assertThat(requests).containsExactly("GET /traits 200");
    }

    @Test
    void claimsMovesAndReleasesAllocations() {
        UUID other = UUID.randomUUID();
        client.createProvider(other, childName() + "_2", Optional.of(root));
        client.reshape(
                Map.of(
                        child, new ProviderInventories(0, Map.of(GPU, Inventory.of(1, 0))),
                        other, new ProviderInventories(0, Map.of(GPU, Inventory.of(1, 0)))),
                Map.of());
        UUID server = UUID.randomUUID();
        UUID migration = UUID.randomUUID();
        Allocation nothing = client.getAllocation(server);
        assertThat(nothing.resources()).isEmpty();
        assertThat(nothing.generation()).isNull();

        client.putAllocations(Map.of(server, claim(Map.of(child, Map.of(GPU, 1)), null)));
        assertThat(client.getAllocation(server)).isEqualTo(claim(Map.of(child, Map.of(GPU, 1)), 1));
        assertThat(client.getProviderAllocations(child).byConsumer()).isEqualTo(Map.of(server, Map.of(GPU, 1)));
        assertThat(client.getProviderAllocations(child).usedUnits(GPU)).isEqualTo(1);

        assertThatExceptionOfType(CapacityExceeded.class)
                .isThrownBy(() ->
                        client.putAllocations(Map.of(UUID.randomUUID(), claim(Map.of(child, Map.of(GPU, 1)), null))))
                .withMessageContaining("would exceed the capacity");
        assertThatExceptionOfType(CapacityExceeded.class)
                .isThrownBy(() ->
                        client.putAllocations(Map.of(UUID.randomUUID(), claim(Map.of(other, Map.of(GPU, 5)), null))));
        assertThatExceptionOfType(CapacityExceeded.class)
                .isThrownBy(() ->
                        client.putAllocations(Map.of(UUID.randomUUID(), claim(Map.of(other, Map.of(VF, 1)), null))))
                .withMessageContaining("invalid");
        for (@Nullable Integer wrong : new @Nullable Integer[] {null, 0, 7}) {
            assertThatExceptionOfType(GenerationConflict.class)
                    .isThrownBy(() ->
                            client.putAllocations(Map.of(server, claim(Map.of(child, Map.of(GPU, 1)), wrong))));
        }

        client.putAllocations(Map.of(
                server,
                claim(Map.of(other, Map.of(GPU, 1)), 1),
                migration,
                new Allocation(Map.of(child, Map.of(GPU, 1)), "p", "u", null, "MIGRATION")));
        assertThat(client.getAllocation(server)).isEqualTo(claim(Map.of(other, Map.of(GPU, 1)), 2));
        assertThat(client.getAllocation(migration).consumerType()).isEqualTo("MIGRATION");

        client.putAllocations(Map.of(migration, new Allocation(Map.of(), "p", "u", 1, "MIGRATION")));
        assertThat(client.getAllocation(migration).generation()).isNull();
        assertThat(client.getProviderAllocations(child).byConsumer()).isEmpty();
    }

    @Test
    void objectsInUseAreNotDeleted() {
        UUID server = UUID.randomUUID();
        client.reshape(
                Map.of(child, new ProviderInventories(0, Map.of(GPU, Inventory.of(2, 0), VF, Inventory.of(4, 0)))),
                Map.of());
        client.putAllocations(Map.of(server, claim(Map.of(child, Map.of(GPU, 1)), null)));
        int generation = client.getInventories(child).generation();
        ProviderInventories without = new ProviderInventories(generation, Map.of(VF, Inventory.of(4, 0)));

        assertThatExceptionOfType(InUse.class)
                .isThrownBy(() -> client.putInventories(child, without))
                .withMessageContaining("Inventory for 'CUSTOM_GPU' on resource provider '" + child + "' in use");
        assertThatExceptionOfType(InUse.class)
                .isThrownBy(() -> client.putInventories(child, new ProviderInventories(generation, Map.of())));
        assertThatExceptionOfType(InUse.class).isThrownBy(() -> client.reshape(Map.of(child, without), Map.of()));
        assertThatExceptionOfType(InUse.class).isThrownBy(() -> client.deleteProvider(child));

        client.reshape(Map.of(child, without), Map.of(server, claim(Map.of(child, Map.of(VF, 1)), 1)));
        assertThat(client.getProviderAllocations(child).usedUnits(VF)).isEqualTo(1);
    }

    @Test
    void consumerWithoutTypeStaysWithoutType() throws Exception {
        client.putInventories(child, new ProviderInventories(0, Map.of(GPU, Inventory.of(2, 0))));
        UUID server = UUID.randomUUID();
        // Like Nova, claim with a microversion without consumer types.
        String body = """
                {"allocations": {"%s": {"resources": {"CUSTOM_GPU": 1}}},
                 "project_id": "p", "user_id": "u", "consumer_generation": null}""".formatted(child);
        HttpRequest request = HttpRequest.newBuilder(URI.create(placement.url() + "/allocations/" + server))
                .header("X-Auth-Token", "admin")
                .header("OpenStack-API-Version", "placement 1.36")
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(body))
                .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            assertThat(http.send(request, HttpResponse.BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(204);
        }
        Allocation found = client.getAllocation(server);
        assertThat(found.consumerType()).isEqualTo("unknown");

        client.putAllocations(Map.of(
                server,
                new Allocation(
                        Map.of(child, Map.of(GPU, 2)),
                        found.projectId(),
                        found.userId(),
                        found.generation(),
                        "unknown")));
        Allocation healed = client.getAllocation(server);
        assertThat(healed.resources()).isEqualTo(Map.of(child, Map.of(GPU, 2)));
        assertThat(healed.consumerType()).isEqualTo("unknown");

        client.reshape(
                Map.of(
                        child,
                        new ProviderInventories(
                                client.getInventories(child).generation(), Map.of(GPU, Inventory.of(3, 0)))),
                Map.of(server, healed));
        healed = client.getAllocation(server);
        assertThat(healed.consumerType()).isEqualTo("unknown");

        client.putAllocations(Map.of(server, claim(Map.of(child, Map.of(GPU, 1)), healed.generation())));
        assertThat(client.getAllocation(server).consumerType()).isEqualTo("INSTANCE");
    }

    @Test
    void invalidContentIsRejected() {
        assertThatExceptionOfType(Rejected.class)
                .isThrownBy(() -> client.createProvider(UUID.randomUUID(), "n".repeat(201), Optional.empty()))
                .withMessageContaining("POST /resource_providers");
        assertThatExceptionOfType(Rejected.class)
                .isThrownBy(() ->
                        client.putInventories(child, new ProviderInventories(0, Map.of(GPU, Inventory.of(1, 2)))));
        assertThatExceptionOfType(Rejected.class).isThrownBy(() -> client.createTrait(new Trait("CUSTOM_lower")));
        assertThat(client.findExistingTraits(Set.of(new Trait("CUSTOM_lower")))).isEmpty();
    }

    @Test
    void unauthorizedRequestsAreReported(@TempDir Path dir) throws Exception {
        Path file = Files.writeString(
                dir.resolve("clouds.yaml"),
                Files.readString(placement.cloudsFile()).replace("token: admin", "token: wrong"));
        try (PlacementConnection wrong = PlacementConnection.fromEnvironment(
                Map.of("OS_CLIENT_CONFIG_FILE", file.toString()), ConnectionSettings.DEFAULT, RequestObserver.NONE)) {
            assertThatExceptionOfType(Forbidden.class)
                    .isThrownBy(new HttpPlacementClient(wrong)::listTraits)
                    .withMessageContaining("GET /traits: 403 Policy does not allow placement:traits:list");
        }
        try (RealPlacement strict = RealPlacement.startWithoutReshaper(dir);
                PlacementConnection admin = PlacementConnection.fromEnvironment(
                        strict.env("local"), ConnectionSettings.DEFAULT, RequestObserver.NONE)) {
            HttpPlacementClient other = new HttpPlacementClient(admin);
            other.createProvider(root, "host", Optional.empty());
            assertThatExceptionOfType(Forbidden.class)
                    .isThrownBy(() -> other.reshape(
                            Map.of(
                                    root,
                                    new ProviderInventories(0, Map.of(new ResourceClass("VCPU"), Inventory.of(1, 0)))),
                            Map.of()))
                    .withMessageContaining("placement:reshaper:reshape");
        }
    }

    private static Allocation claim(Map<UUID, Map<ResourceClass, Integer>> resources, @Nullable Integer generation) {
        return new Allocation(resources, "p", "u", generation, "INSTANCE");
    }
}
