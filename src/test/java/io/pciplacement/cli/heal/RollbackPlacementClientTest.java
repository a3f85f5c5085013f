package io.pciplacement.cli.heal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.testing.FakePlacement;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rollback of the updates of one consumer after failures, and with other clients that write at the same time. */
class RollbackPlacementClientTest {

    private static final ResourceClass VCPU = new ResourceClass("VCPU");
    private static final UUID FIRST = new UUID(1, 1);
    private static final UUID SECOND = new UUID(1, 2);
    private static final UUID SERVER = new UUID(0, 1);
    private static final UUID MIGRATION = new UUID(0, 2);

    private final FakePlacement placement = new FakePlacement();
    private final RollbackPlacementClient client = new RollbackPlacementClient(placement, false);

    @BeforeEach
    void createProviders() {
        placement.createProvider(FIRST, "first", Optional.empty());
        placement.createProvider(SECOND, "second", Optional.empty());
        placement.putInventories(FIRST, inventories(FIRST, 4, 0));
        placement.putInventories(SECOND, inventories(SECOND, 4, 0));
        client.beginConsumer();
    }

    private ProviderInventories inventories(UUID provider, int total, int reserved) {
        return new ProviderInventories(
                placement.getInventories(provider).generation(),
                new TreeMap<>(Map.of(VCPU, Inventory.of(total, reserved))));
    }

    private static Allocation allocation(Map<UUID, Integer> units, @Nullable Integer generation) {
        Map<UUID, Map<ResourceClass, Integer>> resources = new TreeMap<>();
        units.forEach((provider, amount) -> resources.put(provider, Map.of(VCPU, amount)));
        return new Allocation(resources, "project", "user", generation, "INSTANCE");
    }

    /** Writes the complete allocation of a consumer at its current generation. */
    private void put(PlacementClient writer, UUID consumer, Map<UUID, Integer> units) {
        writer.putAllocations(Map.of(
                consumer, allocation(units, writer.getAllocation(consumer).generation())));
    }

    private Map<UUID, Map<ResourceClass, Integer>> resources(UUID consumer) {
        return placement.getAllocation(consumer).resources();
    }

    private static Map<UUID, Map<ResourceClass, Integer>> units(UUID provider, int amount) {
        return Map.of(provider, Map.of(VCPU, amount));
    }

    private Map<ResourceClass, Inventory> inventory(UUID provider) {
        return placement.getInventories(provider).byClass();
    }

    /** Lets the next request of this name fail, before or after its execution. */
    private void failNext(String request, PlacementException failure, boolean executed) {
        FakePlacement.Fault fault = name -> {
            if (name.equals(request)) {
                placement.before = other -> {};
                placement.after = other -> {};
                throw failure;
            }
        };
        if (executed) {
            placement.after = fault;
        } else {
            placement.before = fault;
        }
    }

    private static PlacementException unreachable() {
        return new PlacementException.Unreachable("no response");
    }

    @Test
    void restoresTheAllocationOfBefore() {
        put(placement, SERVER, Map.of(FIRST, 1));
        put(client, SERVER, Map.of(FIRST, 1, SECOND, 2));
        assertThat(client.rollBack()).isTrue();
        assertThat(resources(SERVER)).isEqualTo(units(FIRST, 1));
        assertThat(client.rollBack()).isFalse();
    }

    @Test
    void removesAnAllocationThatDidNotExist() {
        put(client, SERVER, Map.of(FIRST, 1));
        assertThat(client.rollBack()).isTrue();
        assertThat(placement.consumers()).isEmpty();
    }

    /** Placement deletes a consumer without allocations, so its project cannot be read there any more. */
    @Test
    void recreatesAConsumerThatLostItsLastAllocation() {
        put(placement, MIGRATION, Map.of(FIRST, 1));
        put(client, MIGRATION, Map.of());
        assertThat(placement.consumers()).isEmpty();
        assertThat(client.rollBack()).isTrue();
        assertThat(placement.consumers()).containsEntry(MIGRATION, allocation(Map.of(FIRST, 1), 1));
    }

    @Test
    void undoesSeveralWritesToOneConsumer() {
        put(placement, SERVER, Map.of(FIRST, 1));
        put(client, SERVER, Map.of(FIRST, 2));
        put(client, SERVER, Map.of(SECOND, 3));
        assertThat(client.rollBack()).isTrue();
        assertThat(resources(SERVER)).isEqualTo(units(FIRST, 1));
    }

    /** The caller of the client need not read a consumer again between two writes. */
    @Test
    void undoesSeveralWritesWithoutReadsInBetween() {
        put(client, SERVER, Map.of(FIRST, 2));
        client.putAllocations(Map.of(SERVER, allocation(Map.of(SECOND, 3), 1)));
        assertThat(client.rollBack()).isTrue();
        assertThat(placement.consumers()).isEmpty();
    }

    @Test
    void undoesOnlyTheWritesSinceTheConsumerBegan() {
        put(client, SERVER, Map.of(FIRST, 1));
        client.beginConsumer();
        put(client, MIGRATION, Map.of(FIRST, 1));
        assertThat(client.rollBack()).isTrue();
        assertThat(placement.consumers()).containsOnlyKeys(SERVER);
    }

    @Test
    void undoesAWriteWithoutResponseIfItWasExecuted() {
        failNext("POST /allocations", unreachable(), true);
        assertThatThrownBy(() -> put(client, SERVER, Map.of(FIRST, 1)))
                .isInstanceOf(PlacementException.Unreachable.class);
        assertThat(placement.consumers()).isNotEmpty();
        assertThat(client.rollBack()).isTrue();
        assertThat(placement.consumers()).isEmpty();
    }

    @Test
    void ignoresAWriteWithoutResponseThatWasNotExecuted() {
        failNext("POST /allocations", unreachable(), false);
        assertThatThrownBy(() -> put(client, SERVER, Map.of(FIRST, 1)))
                .isInstanceOf(PlacementException.Unreachable.class);
        assertThat(client.rollBack()).isFalse();
        failNext("PUT inventories", unreachable(), false);
        assertThatThrownBy(() -> client.putInventories(FIRST, inventories(FIRST, 4, 4)))
                .isInstanceOf(PlacementException.Unreachable.class);
        assertThat(client.rollBack()).isFalse();
    }

    @Test
    void ignoresARejectedWrite() {
        put(placement, SERVER, Map.of(FIRST, 1));
        assertThatThrownBy(() -> client.putAllocations(Map.of(SERVER, allocation(Map.of(FIRST, 2), 7))))
                .isInstanceOf(PlacementException.GenerationConflict.class);
        put(placement, SERVER, Map.of(FIRST, 3));
        assertThat(client.rollBack()).isFalse();
        assertThat(resources(SERVER)).isEqualTo(units(FIRST, 3));
    }

    @Test
    void restoresInventories() {
        client.putInventories(FIRST, inventories(FIRST, 4, 4));
        client.putInventories(FIRST, inventories(FIRST, 3, 3));
        assertThat(client.rollBack()).isTrue();
        assertThat(inventory(FIRST)).isEqualTo(Map.of(VCPU, Inventory.of(4, 0)));
    }

    /** The previous inventory has no capacity for the new allocation. */
    @Test
    void undoesAReshapeInAnOrderThatPlacementAccepts() {
        placement.putInventories(
                FIRST, new ProviderInventories(placement.getInventories(FIRST).generation(), new TreeMap<>()));
        client.reshape(
                Map.of(FIRST, inventories(FIRST, 2, 0)),
                Map.of(
                        SERVER,
                        allocation(
                                Map.of(FIRST, 2), client.getAllocation(SERVER).generation())));
        assertThat(resources(SERVER)).isEqualTo(units(FIRST, 2));
        assertThat(client.rollBack()).isTrue();
        assertThat(placement.consumers()).isEmpty();
        assertThat(inventory(FIRST)).isEmpty();
    }

    @Test
    void undoesAReshapeWithoutResponse() {
        failNext("POST /reshaper", unreachable(), true);
        assertThatThrownBy(() -> client.reshape(
                        Map.of(FIRST, inventories(FIRST, 9, 0)), Map.of(SERVER, allocation(Map.of(FIRST, 8), null))))
                .isInstanceOf(PlacementException.Unreachable.class);
        assertThat(client.rollBack()).isTrue();
        assertThat(placement.consumers()).isEmpty();
        assertThat(inventory(FIRST)).isEqualTo(Map.of(VCPU, Inventory.of(4, 0)));
    }

    @Test
    void doesNotOverwriteAnotherClientsAllocation() {
        put(placement, MIGRATION, Map.of(FIRST, 1));
        client.putAllocations(
                Map.of(SERVER, allocation(Map.of(FIRST, 1), null), MIGRATION, allocation(Map.of(SECOND, 1), 1)));
        put(placement, MIGRATION, Map.of(SECOND, 2));
        assertThatThrownBy(client::rollBack)
                .isInstanceOf(PlacementException.GenerationConflict.class)
                .hasMessageContaining("allocation of consumer " + MIGRATION);
        assertThat(resources(MIGRATION)).isEqualTo(units(SECOND, 2));
        assertThat(resources(SERVER)).isEqualTo(units(FIRST, 1));
    }

    @Test
    void doesNotOverwriteAnotherClientsInventory() {
        client.putInventories(FIRST, inventories(FIRST, 4, 4));
        placement.putInventories(FIRST, inventories(FIRST, 8, 4));
        assertThatThrownBy(client::rollBack)
                .isInstanceOf(PlacementException.GenerationConflict.class)
                .hasMessageContaining("inventories of provider " + FIRST);
        assertThat(inventory(FIRST)).isEqualTo(Map.of(VCPU, Inventory.of(8, 4)));
    }

    /** A change that another client has already reverted needs no write. */
    @Test
    void acceptsThatAnotherClientHasRestoredTheState() {
        put(client, SERVER, Map.of(FIRST, 1));
        client.putInventories(SECOND, inventories(SECOND, 4, 4));
        placement.deleteAllocations(SERVER);
        placement.reserve(SECOND, VCPU, 0);
        placement.requests.clear();
        assertThat(client.rollBack()).isFalse();
        assertThat(placement.requests).allMatch(request -> request.startsWith("GET"));
    }

    @Test
    void continuesAFailedRollbackWhereItStopped() {
        put(client, SERVER, Map.of(FIRST, 1));
        client.putInventories(FIRST, inventories(FIRST, 4, 4));
        failNext("POST /allocations", unreachable(), true);
        assertThatThrownBy(client::rollBack).isInstanceOf(PlacementException.Unreachable.class);
        assertThat(inventory(FIRST)).isEqualTo(Map.of(VCPU, Inventory.of(4, 0)));
        placement.reserve(FIRST, VCPU, 1);
        assertThat(client.rollBack()).isFalse();
        assertThat(placement.consumers()).isEmpty();
        assertThat(inventory(FIRST)).isEqualTo(Map.of(VCPU, Inventory.of(4, 1)));
    }

    @Test
    void repeatsAnUpdateOfTheRollbackThatFailed() {
        put(client, SERVER, Map.of(FIRST, 1));
        failNext("POST /allocations", unreachable(), false);
        assertThatThrownBy(client::rollBack).isInstanceOf(PlacementException.Unreachable.class);
        assertThat(client.rollBack()).isTrue();
        assertThat(placement.consumers()).isEmpty();
    }

    @Test
    void ignoresWhatWasReadBeforeTheConsumerBegan() {
        client.getAllocation(SERVER);
        put(placement, SERVER, Map.of(FIRST, 1));
        client.beginConsumer();
        client.putAllocations(Map.of(SERVER, allocation(Map.of(FIRST, 2), 1)));
        assertThat(client.rollBack()).isTrue();
        assertThat(resources(SERVER)).isEqualTo(units(FIRST, 1));
    }

    @Test
    void dryRunWritesNothing() {
        RollbackPlacementClient dryRun = new RollbackPlacementClient(placement, true);
        placement.requests.clear();
        dryRun.putAllocations(Map.of(SERVER, allocation(Map.of(FIRST, 1), null)));
        dryRun.reshape(Map.of(), Map.of(SERVER, allocation(Map.of(FIRST, 1), null)));
        assertThat(dryRun.putInventories(FIRST, new ProviderInventories(6, new TreeMap<>())))
                .isEqualTo(6);
        assertThat(dryRun.rollBack()).isFalse();
        assertThat(placement.requests).isEmpty();
    }
}
