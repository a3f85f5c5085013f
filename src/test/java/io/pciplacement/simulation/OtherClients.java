package io.pciplacement.simulation;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ProviderName;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.simulation.HostGroundTruth.ProviderContent;
import io.pciplacement.sync.host.HostSyncResult;
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
import org.jspecify.annotations.Nullable;

/** Simulated other clients of Placement in a {@link HostSimulation}: schedulers, compute services and others. */
final class OtherClients {

    private final PlacementClient placement;
    private final BiConsumer<UUID, String> rename;
    private final String host;
    private final Random random;
    private final HostGroundTruth groundTruth;

    /** Whether the operator knows anything about a device after its provider was deleted. */
    private final Predicate<PciAddress> known;

    /** A provider with the name of the root provider that is not a root provider. */
    private @Nullable UUID nested;

    /** Log of events, for the message of a failed check. */
    private final List<String> events = new ArrayList<>();

    OtherClients(
            PlacementClient placement,
            BiConsumer<UUID, String> rename,
            String host,
            Random random,
            HostGroundTruth groundTruth,
            Predicate<PciAddress> known) {
        this.placement = placement;
        this.rename = rename;
        this.host = host;
        this.random = random;
        this.groundTruth = groundTruth;
        this.known = known;
    }

    /** Creates the root provider or restores its name. */
    void createRoot() {
        rename.accept(groundTruth.root(), host);
    }

    void logEvent(String event) {
        events.add(event);
    }

    /** The latest events. */
    String eventLog() {
        return String.join("\n", events.subList(Math.max(0, events.size() - 80), events.size()));
    }

    /** Derived from the seed, so that a run can be repeated. */
    UUID randomUuid() {
        return new UUID(random.nextLong(), random.nextLong());
    }

    void newRoot() {
        UUID root = randomUuid();
        placement.createProvider(root, host, Optional.empty());
        placement.putInventories(
                root, new ProviderInventories(0, new TreeMap<>(Map.of(HostSimulation.VCPU, Inventory.of(64, 2)))));
        groundTruth.roots.add(root);
        logEvent("a new root");
        allocate(randomUuid(), root, HostSimulation.VCPU);
    }

    void allocate(UUID consumer, UUID provider, ResourceClass resourceClass) {
        placement.putAllocations(Map.of(
                consumer,
                new Allocation(Map.of(provider, Map.of(resourceClass, 1)), "project", "user", null, "INSTANCE")));
    }

    void release(UUID consumer) {
        logEvent("released: " + groundTruth.held.get(consumer));
        Allocation has = placement.getAllocation(consumer);
        placement.putAllocations(Map.of(
                consumer,
                new Allocation(Map.of(), has.projectId(), has.userId(), has.generation(), has.consumerType())));
        groundTruth.held.remove(consumer);
    }

    <T> Optional<T> pickAny(List<T> all) {
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
    }

    Optional<ProviderContent> pickOperatorProvider() {
        return pickAny(groundTruth.refresh().values().stream()
                .filter(content ->
                        groundTruth.isOperatorOwned(content.provider().uuid()))
                .filter(content -> !content.inventories().byClass().isEmpty())
                .sorted((one, other) ->
                        one.provider().name().compareTo(other.provider().name()))
                .toList());
    }

    /** Another client changes or deletes a provider of the operator. */
    void changeProvider() {
        pickOperatorProvider().ifPresent(content -> {
            UUID uuid = content.provider().uuid();
            boolean used = groundTruth.held.values().stream()
                    .anyMatch(held -> held.provider().equals(uuid));
            if (!used && random.nextInt(3) == 0) {
                logEvent("deleted by another client: " + content.provider().name());
                delete(content.provider());
            } else {
                changeTraits(content);
                groundTruth.markTouched(uuid);
            }
        });
    }

    void delete(ResourceProvider provider) {
        placement.deleteProvider(provider.uuid());
        groundTruth.markTouched(provider.uuid());
        ProviderName.findAddress(provider.name())
                .filter(known.negate())
                // It is then unknown that it was used.
                .ifPresent(groundTruth.dirty::remove);
    }

    void changeTraits(ProviderContent content) {
        logEvent("changed by another client: " + content.provider().name());
        TreeSet<Trait> traits = new TreeSet<>(content.traits().traits());
        if (!traits.remove(new Trait("HW_NIC_SRIOV"))) {
            traits.add(new Trait("HW_NIC_SRIOV"));
        }
        placement.putTraits(
                content.provider().uuid(), new ProviderTraits(content.provider().generation(), traits));
    }

    /** The usual repairs of a root provider: it is renamed, restored or replaced. */
    void changeRoot() {
        UUID root = groundTruth.root();
        boolean named = placement.findProviderByName(host).isPresent();
        if (nested != null) {
            removeNestedRoot();
        } else if (!named && random.nextInt(4) == 0) {
            createNestedRoot();
        } else if (named && groundTruth.roots.size() == 1 && random.nextInt(4) == 0) {
            logEvent("the root is renamed");
            rename.accept(root, host + "-old");
        } else if (!named && random.nextBoolean()) {
            rename.accept(root, host);
        } else if (!named) {
            newRoot();
        } else if (groundTruth.roots.size() > 1 && random.nextBoolean()) {
            removeOldRoot();
        }
    }

    /** Creates a provider with the name of the root provider below another provider. */
    private void createNestedRoot() {
        logEvent("a provider of another tree has the name of the root");
        UUID parent = randomUuid();
        nested = randomUuid();
        placement.createProvider(parent, host + "-rack-" + parent, Optional.empty());
        placement.createProvider(nested, host, Optional.of(parent));
    }

    /** Renames that provider. */
    void removeNestedRoot() {
        if (nested != null) {
            rename.accept(nested, host + "-nested-" + nested);
            nested = null;
        }
    }

    /** Removes the old root provider with its allocations and child providers. */
    void removeOldRoot() {
        logEvent("the old root's providers are deleted");
        UUID old = groundTruth.roots.getFirst();
        groundTruth.refresh();
        List<ResourceProvider> below = placement.listProvidersInTree(old).stream()
                .filter(provider -> groundTruth.isOperatorOwned(provider.uuid()))
                .toList();
        List.copyOf(groundTruth.held.entrySet()).stream()
                .filter(entry -> below.stream()
                        .anyMatch(provider ->
                                provider.uuid().equals(entry.getValue().provider())))
                .forEach(entry -> release(entry.getKey()));
        below.forEach(provider -> {
            delete(provider);
        });
    }

    /** Describes a sync result for the event log. */
    static String describeResult(HostSyncResult syncResult) {
        return syncResult instanceof HostSyncResult.Synced synced
                ? synced.providers().stream()
                                .map(result -> "%s %s %s %s"
                                        .formatted(
                                                result.decision().name(),
                                                result.decision().state(),
                                                result.decision().operations(),
                                                result.progress()))
                                .toList()
                        + " uncleaned " + synced.uncleaned()
                : syncResult.toString();
    }
}
