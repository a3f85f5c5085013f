package io.pciplacement.simulation;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.simulation.HostGroundTruth.Seen;
import io.pciplacement.sync.HostSyncResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/**
 * What others than the operator do in Placement in a {@link HostSimulation}: schedulers, compute services, other
 * clients.
 */
final class OtherClients {

    private final PlacementClient world;
    private final BiConsumer<UUID, String> rename;
    private final String host;
    private final Random random;
    private final HostGroundTruth truth;

    /** Whether the operator can know anything of a device, once its provider is gone. */
    private final Predicate<PciAddress> known;

    /** What happened, for whom a check fails. */
    private final List<String> events = new ArrayList<>();

    OtherClients(
            PlacementClient world,
            BiConsumer<UUID, String> rename,
            String host,
            Random random,
            HostGroundTruth truth,
            Predicate<PciAddress> known) {
        this.world = world;
        this.rename = rename;
        this.host = host;
        this.random = random;
        this.truth = truth;
        this.known = known;
    }

    /** The root gets its name back. */
    void nameRoot() {
        rename.accept(truth.root(), host);
    }

    void event(String what) {
        events.add(what);
    }

    /** The last of what happened. */
    String events() {
        return String.join("\n", events.subList(Math.max(0, events.size() - 80), events.size()));
    }

    /** From the seed, so that a history can be played again. */
    UUID uuid() {
        return new UUID(random.nextLong(), random.nextLong());
    }

    void newRoot() {
        UUID root = uuid();
        world.createProvider(root, host, Optional.empty());
        world.putInventories(
                root, new ProviderInventories(0, new TreeMap<>(Map.of(HostSimulation.VCPU, Inventory.of(64, 2)))));
        truth.roots.add(root);
        event("a new root");
        allocate(uuid(), root, HostSimulation.VCPU);
    }

    void allocate(UUID consumer, UUID provider, ResourceClass resourceClass) {
        world.putAllocations(Map.of(
                consumer,
                new Allocation(Map.of(provider, Map.of(resourceClass, 1)), "project", "user", null, "INSTANCE")));
    }

    void release(UUID consumer) {
        event("released: " + truth.held.get(consumer));
        Allocation has = world.getAllocation(consumer);
        world.putAllocations(Map.of(
                consumer,
                new Allocation(Map.of(), has.projectId(), has.userId(), has.generation(), has.consumerType())));
        truth.held.remove(consumer);
    }

    <T> Optional<T> any(List<T> all) {
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
    }

    Optional<Seen> oneOfOurs() {
        return any(truth.refresh().values().stream()
                .filter(seen -> truth.isOurs(seen.provider().uuid()))
                .filter(seen -> !seen.inventories().byClass().isEmpty())
                .sorted((one, other) ->
                        one.provider().name().compareTo(other.provider().name()))
                .toList());
    }

    /** Another client changes or deletes a provider of ours. */
    void meddle() {
        oneOfOurs().ifPresent(seen -> {
            UUID uuid = seen.provider().uuid();
            boolean used = truth.held.values().stream()
                    .anyMatch(held -> held.provider().equals(uuid));
            if (!used && random.nextInt(3) == 0) {
                event("deleted by another: " + seen.provider().name());
                delete(seen.provider());
            } else {
                changeTraits(seen);
                truth.touched(uuid);
            }
        });
    }

    void delete(ResourceProvider provider) {
        world.deleteProvider(provider.uuid());
        truth.touched(provider.uuid());
        truth.address(provider.name())
                .filter(known.negate())
                // Then nobody can know any more that it was used.
                .ifPresent(truth.dirty::remove);
    }

    void changeTraits(Seen seen) {
        event("changed by another: " + seen.provider().name());
        TreeSet<Trait> traits = new TreeSet<>(seen.traits().traits());
        if (!traits.remove(new Trait("HW_NIC_SRIOV"))) {
            traits.add(new Trait("HW_NIC_SRIOV"));
        }
        world.putTraits(
                seen.provider().uuid(), new ProviderTraits(seen.provider().generation(), traits));
    }

    /** The usual repairs of a root: it gets another name, its name back, or a new one takes its place. */
    void changeRoot() {
        UUID root = truth.root();
        boolean named = world.findProviderByName(host).isPresent();
        if (named && truth.roots.size() == 1 && random.nextInt(4) == 0) {
            event("the root is renamed");
            rename.accept(root, host + "-old");
        } else if (!named && random.nextBoolean()) {
            rename.accept(root, host);
        } else if (!named) {
            newRoot();
        } else if (truth.roots.size() > 1 && random.nextBoolean()) {
            removeOldRoot();
        }
    }

    /** Its consumers are moved away, and what is below it is deleted. */
    void removeOldRoot() {
        event("the old root's providers are deleted");
        UUID old = truth.roots.getFirst();
        truth.refresh();
        List<ResourceProvider> below = world.listProvidersInTree(old).stream()
                .filter(provider -> truth.isOurs(provider.uuid()))
                .toList();
        List.copyOf(truth.held.entrySet()).stream()
                .filter(entry -> below.stream()
                        .anyMatch(provider ->
                                provider.uuid().equals(entry.getValue().provider())))
                .forEach(entry -> release(entry.getKey()));
        below.forEach(provider -> {
            delete(provider);
        });
    }

    /** What came of a look, for the events. */
    static String told(HostSyncResult outcome) {
        return outcome instanceof HostSyncResult.Synced decided
                ? decided.providers().stream()
                                .map(result -> "%s %s %s %s"
                                        .formatted(
                                                result.decision().name(),
                                                result.decision().state(),
                                                result.decision().operations(),
                                                result.progress()))
                                .toList()
                        + " uncleaned " + decided.uncleaned()
                : outcome.toString();
    }
}
