package io.pciplacement.sync.cache;

import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.ProviderAllocations;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.ObservedProvider;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of our providers in Placement. A provider whose generation has not moved since it was read needs
 * not be read again, except for allocations that were deleted, which do not move it.
 *
 * <p>Sweeps and hosts' syncs write here at the same time. Every entry carries the moment of its last own write, so that
 * a listing that was asked for before that moment does not undo it.
 */
public final class ProviderCache {

    /**
     * One provider.
     *
     * @param view all of it, null where it must be read first
     * @param known what was last known of it, each change of which is accounted for; null where that is nothing
     * @param unconfirmed by how much writes without an answer may have moved it beyond what they visibly change
     * @param doubted whether it may have moved since it was listed, so that nothing from before counts
     * @param changedAt when it was last written here
     */
    public record Entry(
            ResourceProvider provider,
            @Nullable ObservedProvider view,
            @Nullable ObservedProvider known,
            int unconfirmed,
            boolean doubted,
            long changedAt) {

        static Entry of(ObservedProvider view, long changedAt) {
            return new Entry(view.provider(), view, view, 0, false, changedAt);
        }

        /** The same, to be read before it is used. */
        Entry unread(ResourceProvider listed, int moreUnconfirmed, boolean isDoubted, long at) {
            return new Entry(listed, null, known, unconfirmed + moreUnconfirmed, isDoubted, at);
        }
    }

    private final Map<UUID, Entry> entries = new HashMap<>();
    private final Map<UUID, Set<UUID>> byRoot = new HashMap<>();
    private final Map<UUID, Long> removedAt = new HashMap<>();
    private final Map<UUID, Long> usageReadAt = new HashMap<>();
    private final Map<UUID, Long> versions = new HashMap<>();
    private final ConsumerIndex consumers = new ConsumerIndex();

    /**
     * Providers of one-time-use devices that were in use, or may have been, since {@link #judged} was called for them,
     * and the units that an administrator had reserved.
     */
    private final Map<UUID, Integer> suspects = new HashMap<>();

    /** By the name of the host's root provider, how many providers of devices are below which root. */
    private final Map<String, Map<UUID, Integer>> rootsByName = new HashMap<>();

    private long clock;

    /** Moves whenever something below a root is remembered otherwise than before. */
    public synchronized long version(UUID root) {
        return versions.getOrDefault(root, 0L);
    }

    private void touch(UUID root) {
        versions.merge(root, 1L, Long::sum);
    }

    /** The moment before a listing is asked for. */
    public synchronized long now() {
        return clock;
    }

    /**
     * Takes in a listing of all our providers.
     *
     * @param asOf the moment before it was asked for
     * @return the roots below which something is not as it was remembered
     */
    public synchronized Set<UUID> listed(List<ResourceProvider> listing, long asOf) {
        Set<UUID> changed = new HashSet<>();
        Set<UUID> seen = new HashSet<>();
        for (ResourceProvider provider : listing) {
            seen.add(provider.uuid());
            Entry entry = entries.get(provider.uuid());
            if (entry != null && entry.changedAt() > asOf) {
                continue;
            }
            if (entry == null && removedAt.getOrDefault(provider.uuid(), -1L) >= asOf) {
                continue;
            }
            if (entry == null || !entry.provider().equals(provider)) {
                set(
                        entry == null
                                ? new Entry(provider, null, null, 0, false, clock)
                                : entry.unread(provider, 0, false, clock));
                changed.add(provider.root());
            }
        }
        for (Entry entry : List.copyOf(entries.values())) {
            if (!seen.contains(entry.provider().uuid()) && entry.changedAt() <= asOf) {
                suspectLost(entry);
                drop(entry.provider().uuid());
                changed.add(entry.provider().root());
            }
        }
        removedAt.values().removeIf(at -> at < asOf);
        return changed;
    }

    /** Everything that is remembered below a root, the root itself left out, by name. */
    public synchronized Map<String, Entry> below(UUID root) {
        Map<String, Entry> result = new TreeMap<>();
        for (UUID uuid : byRoot.getOrDefault(root, Set.of())) {
            Entry entry = entries.get(uuid);
            if (entry != null && !uuid.equals(root)) {
                result.put(entry.provider().name(), entry);
            }
        }
        return result;
    }

    public synchronized Optional<Entry> get(UUID uuid) {
        return Optional.ofNullable(entries.get(uuid));
    }

    /** Remembers all of a provider, as just read or written. */
    public synchronized void put(ObservedProvider view) {
        set(Entry.of(view, ++clock));
    }

    /** Remembers that there is such a provider of ours, and nothing else of it. */
    public synchronized void found(ResourceProvider provider) {
        set(new Entry(provider, null, null, 0, false, ++clock));
    }

    /** A write went wrong or its outcome is unknown: what is remembered of this provider does not count. */
    public synchronized void stale(UUID uuid) {
        stale(uuid, 0);
    }

    /** The same of a write that, if it was carried out, has moved the provider by more than one for one change. */
    public synchronized void stale(UUID uuid, int unconfirmed) {
        Entry entry = entries.get(uuid);
        if (entry != null) {
            entries.put(uuid, entry.unread(entry.provider(), unconfirmed, true, ++clock));
            touch(entry.provider().root());
        }
    }

    /** Another client has deleted it. */
    public synchronized void lost(UUID uuid) {
        Entry entry = entries.get(uuid);
        if (entry != null) {
            suspectLost(entry);
        }
        removed(uuid);
    }

    /** Whether it was used before that, nobody knows. */
    private void suspectLost(Entry entry) {
        ObservedProvider known = entry.known();
        if (known != null && isForOneUse(known)) {
            suspect(known.uuid(), known.reservedUnits());
        }
    }

    /** The operator has deleted it. */
    public synchronized void removed(UUID uuid) {
        removedAt.put(uuid, ++clock);
        drop(uuid);
    }

    /** Providers last seen in use, those first whose allocations were read longest ago. */
    public synchronized List<ObservedProvider> inUse(int limit) {
        List<ObservedProvider> used = new ArrayList<>();
        for (Entry entry : entries.values()) {
            if (entry.view() != null && entry.view().usedUnits() > 0) {
                used.add(entry.view());
            }
        }
        used.sort(Comparator.<ObservedProvider>comparingLong(view -> usageReadAt.getOrDefault(view.uuid(), 0L))
                .thenComparing(ObservedProvider::uuid));
        return List.copyOf(used.subList(0, Math.min(limit, used.size())));
    }

    /**
     * Takes in allocations read anew.
     *
     * @param before the view they are to replace
     * @return whether they are others than remembered
     */
    public synchronized boolean allocations(ObservedProvider before, ProviderAllocations read) {
        usageReadAt.put(before.uuid(), ++clock);
        Entry entry = entries.get(before.uuid());
        if (entry == null || !before.equals(entry.view())) {
            return false;
        }
        if (read.generation() != before.provider().generation()) {
            entries.put(before.uuid(), entry.unread(entry.provider(), 0, true, clock));
            touch(entry.provider().root());
            return true;
        }
        if (read.byConsumer().equals(before.allocations())) {
            return false;
        }
        set(Entry.of(before.withAllocations(read.generation(), read.byConsumer()), clock));
        return true;
    }

    /**
     * Remembers that consumers' allocations were replaced in one request. A provider that it takes from has moved by
     * one generation, and so has one that was left by a consumer that has nothing any more; should it be otherwise, the
     * next listing tells.
     *
     * @param after all that these consumers have now
     * @param touched the providers of which they have or had something
     */
    public synchronized void allocated(Map<UUID, Allocation> after, Set<UUID> touched) {
        for (UUID uuid : touched) {
            Entry entry = entries.get(uuid);
            ObservedProvider view = entry == null ? null : entry.view();
            if (view != null) {
                Map<UUID, Map<ResourceClass, Integer>> all = new HashMap<>(view.allocations());
                int steps = 0;
                for (Map.Entry<UUID, Allocation> consumer : after.entrySet()) {
                    Map<ResourceClass, Integer> amounts =
                            consumer.getValue().resources().get(uuid);
                    if (amounts == null) {
                        boolean had = all.remove(consumer.getKey()) != null;
                        // Placement counts that as a change of the provider only if the consumer has nothing left at
                        // all.
                        steps = had && consumer.getValue().resources().isEmpty() ? 1 : steps;
                    } else {
                        all.put(consumer.getKey(), amounts);
                        steps = 1;
                    }
                }
                ObservedProvider changed = view.withAllocations(view.provider().generation() + steps, all);
                set(Entry.of(changed, ++clock));
            }
        }
    }

    /** What a consumer is remembered to have of our providers, by provider. */
    public synchronized Map<UUID, Map<ResourceClass, Integer>> heldBy(UUID consumer) {
        Map<UUID, Map<ResourceClass, Integer>> held = new HashMap<>();
        for (UUID uuid : consumers.providersOf(consumer)) {
            Entry entry = entries.get(uuid);
            if (entry != null && entry.view() != null) {
                held.put(uuid, entry.view().allocations().getOrDefault(consumer, Map.of()));
            }
        }
        held.values().removeIf(Map::isEmpty);
        return held;
    }

    /** Whether a provider is one of ours that stands for devices, not for a host. */
    public synchronized boolean ofDevices(UUID uuid) {
        Entry entry = entries.get(uuid);
        return entry != null && entry.provider().parent() != null;
    }

    /**
     * Takes in who has what of a provider, read because somebody else was faster.
     *
     * @param before the view that it changes
     */
    public synchronized void reread(ObservedProvider before, ProviderAllocations read) {
        if (read.generation() != before.provider().generation() && isForOneUse(before)) {
            suspect(before.uuid(), before.reservedUnits());
        }
        put(before.withAllocations(read.generation(), read.byConsumer()));
    }

    /** A one-time-use device may have been used; what is known of it already stays. */
    public synchronized void suspect(UUID uuid, int reservedByAdministrator) {
        suspects.putIfAbsent(uuid, reservedByAdministrator);
    }

    /**
     * How many units an administrator had reserved of a device that was in use or may have been; null if it was not.
     */
    public synchronized @Nullable Integer suspected(UUID uuid) {
        return suspects.get(uuid);
    }

    /** Its host's record says from now on that it was used. */
    public synchronized void judged(UUID uuid) {
        suspects.remove(uuid);
    }

    private static boolean isForOneUse(ObservedProvider view) {
        return view.traits().contains(Trait.ONE_TIME_USE);
    }

    /** Below which roots there are providers of the devices of a host, told by the name of its root provider. */
    public synchronized Set<UUID> rootsOf(String rootName) {
        return Set.copyOf(rootsByName.getOrDefault(rootName, Map.of()).keySet());
    }

    private void countRoot(ResourceProvider provider, int amount) {
        int end = provider.name().lastIndexOf('_');
        if (provider.parent() != null && end > 0) {
            rootsByName.compute(provider.name().substring(0, end), (name, roots) -> {
                Map<UUID, Integer> counts = roots == null ? new HashMap<>() : roots;
                counts.merge(provider.root(), amount, (a, b) -> a + b == 0 ? null : a + b);
                return counts.isEmpty() ? null : counts;
            });
        }
    }

    public synchronized int size() {
        return entries.size();
    }

    private void set(Entry entry) {
        UUID uuid = entry.provider().uuid();
        Entry before = entries.put(uuid, entry);
        if (before != null) {
            countRoot(before.provider(), -1);
        }
        countRoot(entry.provider(), 1);
        if (entry.view() != null) {
            consumers.of(uuid, entry.view().allocations().keySet());
            if (isForOneUse(entry.view()) && !entry.view().allocations().isEmpty()) {
                suspect(uuid, entry.view().reservedUnits());
            }
        }
        if (before != null && !before.provider().root().equals(entry.provider().root())) {
            forgetRoot(before);
        }
        byRoot.computeIfAbsent(entry.provider().root(), root -> new HashSet<>()).add(uuid);
        touch(entry.provider().root());
    }

    private void drop(UUID uuid) {
        usageReadAt.remove(uuid);
        consumers.of(uuid, Set.of());
        Entry entry = entries.remove(uuid);
        if (entry != null) {
            countRoot(entry.provider(), -1);
            forgetRoot(entry);
        }
    }

    private void forgetRoot(Entry entry) {
        touch(entry.provider().root());
        Set<UUID> siblings = byRoot.get(entry.provider().root());
        if (siblings != null && siblings.remove(entry.provider().uuid()) && siblings.isEmpty()) {
            byRoot.remove(entry.provider().root());
        }
    }
}
