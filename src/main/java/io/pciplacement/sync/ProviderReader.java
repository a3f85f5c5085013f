package io.pciplacement.sync;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderAllocations;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.CleaningRecord;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.sync.cache.ProviderCache;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads from Placement what is not known of a host's providers, and detects that one-time-use devices may have been
 * used unseen: their providers have moved further than their visible changes explain, or nothing was known of them
 * before.
 */
final class ProviderReader {

    private final PlacementClient placement;
    private final ProviderCache mirror;

    ProviderReader(PlacementClient placement, ProviderCache mirror) {
        this.placement = placement;
        this.mirror = mirror;
    }

    /** All that Placement has of ours below a root, by name. */
    Map<String, ObservedProvider> below(UUID root, HostRecord record) {
        Map<String, ObservedProvider> views = new TreeMap<>();
        mirror.below(root).forEach((name, entry) -> {
            ObservedProvider view = entry.view() != null ? entry.view() : read(entry, record.provider(name));
            if (view != null) {
                views.put(name, view);
            }
        });
        return views;
    }

    private @Nullable ObservedProvider read(ProviderCache.Entry entry, ProviderSnapshot memory) {
        ResourceProvider provider = entry.provider();
        Optional<ObservedProvider> view = Optional.<ProviderSnapshot.Content>ofNullable(
                        entry.doubted() ? null : memory.content())
                .flatMap(content -> recall(provider, content, memory.countedAs()))
                .or(() -> readAll(provider, memory.countedAs()));
        view.ifPresentOrElse(
                now -> {
                    noteUse(entry, memory.content(), now);
                    mirror.put(now);
                },
                () -> mirror.lost(provider.uuid()));
        return view.orElse(null);
    }

    private void noteUse(ProviderCache.Entry entry, ProviderSnapshot.@Nullable Content recorded, ObservedProvider now) {
        ObservedProvider known = entry.known();
        ProviderSnapshot.Content content =
                recorded != null && recorded.provider().equals(now.uuid()) ? recorded : null;
        boolean oneTimeUse = now.traits().contains(Trait.ONE_TIME_USE)
                || (known != null && known.traits().contains(Trait.ONE_TIME_USE))
                || (content != null && content.traits().contains(Trait.ONE_TIME_USE));
        if (!oneTimeUse) {
            return;
        }
        if (known != null) {
            int from = known.provider().generation() + entry.unconfirmed() + gone(known, now);
            boolean moved = CleaningRecord.mayHaveBeenUsed(
                            known.provider().generation(), known.inventories(), known.traits(), now)
                    && CleaningRecord.mayHaveBeenUsed(from, known.inventories(), known.traits(), now);
            if (moved || now.usedUnits() > 0) {
                mirror.suspect(now.uuid(), now.reservedUnits());
            }
        } else if (now.usedUnits() > 0
                || (content == null
                        ? !now.inventories().isEmpty()
                        : CleaningRecord.mayHaveBeenUsed(
                                content.generation(), content.inventories(), content.traits(), now))) {
            // Who reserved what is there is not known any more; the operator may have.
            mirror.suspect(now.uuid(), 0);
        }
    }

    /**
     * Consumers that had something and have nothing now: some ways to end an allocation count as a change, some do not.
     */
    private static int gone(ObservedProvider known, ObservedProvider now) {
        return (int) known.allocations().keySet().stream()
                .filter(consumer -> !now.allocations().containsKey(consumer))
                .count();
    }

    /** What the host's object remembers, if the provider has not moved since; so a restart reads next to nothing. */
    private Optional<ObservedProvider> recall(
            ResourceProvider provider, ProviderSnapshot.Content content, @Nullable DeviceType countedAs) {
        if (!content.provider().equals(provider.uuid()) || content.generation() != provider.generation()) {
            return Optional.empty();
        }
        Map<UUID, Map<ResourceClass, Integer>> allocations = Map.of();
        if (content.used()) {
            ProviderAllocations read = placement.allocations(provider.uuid());
            if (read.generation() != provider.generation()) {
                return Optional.empty();
            }
            allocations = read.byConsumer();
        }
        return Optional.of(
                new ObservedProvider(provider, content.inventories(), content.traits(), allocations, countedAs));
    }

    /** Empty for one that has gone. */
    Optional<ObservedProvider> readAll(ResourceProvider provider, @Nullable DeviceType countedAs) {
        UUID uuid = provider.uuid();
        try {
            ProviderInventories inventories = placement.inventories(uuid);
            ProviderTraits traits = placement.traits(uuid);
            ProviderAllocations allocations = placement.allocations(uuid);
            // Read apart, so a change in between shows as two generations; the older one makes a write fail, not lie.
            int generation =
                    Math.min(inventories.generation(), Math.min(traits.generation(), allocations.generation()));
            return Optional.of(new ObservedProvider(
                    new ResourceProvider(uuid, provider.name(), provider.parent(), provider.root(), generation),
                    inventories.byClass(),
                    traits.traits(),
                    allocations.byConsumer(),
                    countedAs));
        } catch (PlacementException.NotFound e) {
            return Optional.empty();
        }
    }
}
