package io.pciplacement.sync.host;

import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderName;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.AdoptionContext;
import io.pciplacement.planning.ProviderUuid;
import io.pciplacement.planning.Resolution;
import io.pciplacement.sync.cache.CachedProvider;
import io.pciplacement.sync.cache.ProviderCache;
import io.pciplacement.sync.root.ForeignProviderListing;
import io.pciplacement.sync.root.RootProviderCache;
import io.pciplacement.sync.root.RootProviderProblem;
import io.pciplacement.sync.state.PlacementState;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Resolver of the root provider of a host. It creates the root provider if allowed and verifies that the host's device
 * providers are below it. It also tracks foreign providers below it that have the names of device providers.
 */
public final class RootProviderResolver {

    private final PlacementClient placement;
    private final ProviderCache providerCache;
    private final RootProviderCache rootCache;
    private final ForeignProviderListing foreignListing;
    private final Map<UUID, Map<String, UUID>> foreignByRoot = new ConcurrentHashMap<>();

    /** Root providers whose trees have not been read, with their names. */
    private final Map<UUID, String> unreadTrees = new ConcurrentHashMap<>();

    /** Names of device providers that providers elsewhere in Placement have, by the root provider of the host. */
    private final Map<UUID, Set<String>> takenElsewhere = new ConcurrentHashMap<>();

    /** Result of the resolution. */
    public sealed interface Root {

        record Found(UUID uuid, boolean own) implements Root {}

        /** No provider can be used. */
        record Unusable(RootProviderProblem problem) implements Root {}

        /** None exists, and one may be created for the host. */
        record ToBeCreated(UUID uuid) implements Root {}
    }

    public RootProviderResolver(
            PlacementClient placement,
            ProviderCache providerCache,
            RootProviderCache roots,
            ForeignProviderListing foreignListing) {
        this.placement = placement;
        this.providerCache = providerCache;
        this.rootCache = roots;
        this.foreignListing = foreignListing;
    }

    /** Resolves the host's root provider. The first time, also reads the foreign providers below it. */
    public Root resolveRoot(HostSyncRequest request, PlacementState.Available state) {
        String name = request.rootName();
        Optional<UUID> known = rootCache.findVerified(name);
        if (known.isEmpty()) {
            Optional<ResourceProvider> found = findByName(name);
            if (found.isEmpty()) {
                return handleMissingRoot(request, state);
            }
            ResourceProvider root = found.get();
            UUID parent = root.parent();
            if (parent != null) {
                return new Root.Unusable(new RootProviderProblem.Nested(name, root.uuid(), parent));
            }
            if (root.uuid().equals(ProviderUuid.ofRoot(name))
                    && request.writesProviders()
                    && providerCache.findEntry(root.uuid()).isEmpty()) {
                // Created by the operator, which was killed before it set the ownership traits.
                putOwnershipTraits(root, state);
            }
            findForeignProviders(request, root.uuid());
            rootCache.putVerified(name, root.uuid());
            known = Optional.of(root.uuid());
        }
        UUID uuid = known.get();
        Set<UUID> others = new TreeSet<>(providerCache.rootsForName(name));
        others.remove(uuid);
        return others.isEmpty()
                ? new Root.Found(uuid, isOperatorOwned(name, uuid))
                : new Root.Unusable(new RootProviderProblem.Replaced(
                        name, uuid, others.stream().map(this::describeProvider).toList()));
    }

    private String describeProvider(UUID uuid) {
        return rootCache
                .findProvider(uuid)
                .map(root -> "%s (%s)".formatted(root.name(), uuid))
                .orElseGet(uuid::toString);
    }

    private Optional<ResourceProvider> findByName(String name) {
        return providerCache
                .findEntry(ProviderUuid.ofRoot(name))
                .map(CachedProvider::provider)
                .filter(listed -> listed.name().equals(name))
                .or(() -> rootCache.findProvider(name));
    }

    /** Whether the operator created a root and no compute service uses it. */
    private boolean isOperatorOwned(String name, UUID uuid) {
        return uuid.equals(ProviderUuid.ofRoot(name))
                && providerCache.findEntry(uuid).isPresent()
                && !rootCache.isComputeNode(uuid);
    }

    private Root handleMissingRoot(HostSyncRequest request, PlacementState.Available state) {
        String name = request.rootName();
        Optional<RootProviderProblem> renamed = findRenamedRoot(request);
        if (renamed.isPresent()) {
            return new Root.Unusable(renamed.get());
        }
        UUID own = ProviderUuid.ofRoot(name);
        if (!request.createRoot() || request.isManagedByNova()) {
            return new Root.Unusable(new RootProviderProblem.Missing(name));
        }
        if (request.isDryRun()) {
            return new Root.ToBeCreated(own);
        }
        putOwnershipTraits(placement.createProvider(own, name, Optional.empty()), state);
        foreignByRoot.put(own, Map.of());
        rootCache.putVerified(name, own);
        return new Root.Found(own, true);
    }

    /** The previous root provider, if it still exists under another name. */
    private Optional<RootProviderProblem> findRenamedRoot(HostSyncRequest request) {
        Set<UUID> candidates = new TreeSet<>(providerCache.rootsForName(request.rootName()));
        UUID recorded = request.record().root();
        if (recorded != null) {
            candidates.add(recorded);
        }
        return candidates.stream()
                .flatMap(uuid -> rootCache.findProvider(uuid).stream())
                .<RootProviderProblem>map(
                        root -> new RootProviderProblem.Renamed(request.rootName(), root.uuid(), root.name()))
                .findFirst();
    }

    private void putOwnershipTraits(ResourceProvider root, PlacementState.Available state) {
        SortedSet<Trait> traits = new TreeSet<>(state.ownershipTraits());
        traits.remove(Trait.MANAGED_PCI_DEVICE);
        int generation = placement.putTraits(root.uuid(), new ProviderTraits(root.generation(), traits));
        providerCache.putListed(new ResourceProvider(root.uuid(), root.name(), root.parent(), root.root(), generation));
    }

    /**
     * Determines the foreign providers below a root provider that is used for the first time. The listing of all
     * foreign providers is enough as long as none is created; later the sweeps read the trees.
     */
    private void findForeignProviders(HostSyncRequest request, UUID root) {
        String rootName = request.rootName();
        boolean listingSuffices = request.adoptMode() == AdoptionContext.Mode.NONE && !foreignByRoot.containsKey(root);
        Optional<List<ResourceProvider>> listed = listingSuffices ? foreignListing.findBelow(root) : Optional.empty();
        if (listed.isEmpty()) {
            readForeignProviders(rootName, root);
            return;
        }
        recordForeignProviders(rootName, root, listed.get());
        unreadTrees.put(root, rootName);
    }

    /** Whether only the listing of all foreign providers was read for a known root provider, and not its tree. */
    boolean isTreeUnread(String rootName) {
        return findUnreadTree(rootName).isPresent();
    }

    /** Reads the tree of a known root provider, if only the listing was read. */
    void ensureTreeRead(String rootName) {
        findUnreadTree(rootName).ifPresent(root -> readForeignProviders(rootName, root));
    }

    private Optional<UUID> findUnreadTree(String rootName) {
        return rootCache.findVerified(rootName).filter(unreadTrees::containsKey);
    }

    /**
     * Reads the trees of hosts for which only the listing of all foreign providers was read.
     *
     * @param limit maximum number of trees, and of requests
     * @return the root providers of the trees that contain other device providers than known
     */
    public Set<UUID> readUnreadTrees(int limit) {
        Set<UUID> changed = new HashSet<>();
        for (Map.Entry<UUID, String> unread :
                unreadTrees.entrySet().stream().limit(limit).toList()) {
            UUID root = unread.getKey();
            Map<String, UUID> known = foreignProvidersBelow(root);
            Set<String> own = providerCache.entriesBelow(root).keySet();
            readForeignProviders(unread.getValue(), root);
            if (!known.equals(foreignProvidersBelow(root))
                    || !own.equals(providerCache.entriesBelow(root).keySet())) {
                changed.add(root);
            }
        }
        return changed;
    }

    /**
     * Reads the tree below a root provider: the operator's providers that have no ownership traits yet, and foreign
     * providers that have the names of device providers.
     */
    void readForeignProviders(String rootName, UUID root) {
        recordForeignProviders(rootName, root, placement.listProvidersInTree(root));
        unreadTrees.remove(root);
    }

    private void recordForeignProviders(String rootName, UUID root, List<ResourceProvider> providers) {
        Map<String, UUID> foreign = new TreeMap<>();
        for (ResourceProvider provider : providers) {
            if (ProviderName.findAddressBelow(rootName, provider.name()).isPresent()
                    && providerCache.findEntry(provider.uuid()).isEmpty()) {
                if (provider.uuid().equals(ProviderUuid.ofChild(root, provider.name()))) {
                    providerCache.putListed(provider);
                } else {
                    foreign.put(provider.name(), provider.uuid());
                }
            }
        }
        takenElsewhere
                .getOrDefault(root, Set.of())
                .forEach(name -> rootCache
                        .findProvider(name)
                        // The operator's own, whose creation was not answered, has the name as well.
                        .filter(elsewhere -> !elsewhere.uuid().equals(ProviderUuid.ofChild(root, name)))
                        .ifPresent(elsewhere -> foreign.putIfAbsent(name, elsewhere.uuid())));
        foreignByRoot.put(root, foreign);
    }

    /** Called when Placement has rejected the name of a device provider because another provider has it. */
    public void onNameConflict(String rootName, UUID root, String name) {
        takenElsewhere
                .computeIfAbsent(root, uuid -> ConcurrentHashMap.newKeySet())
                .add(name);
        readForeignProviders(rootName, root);
        if (!foreignProvidersBelow(root).containsKey(name)) {
            // It was one of the operator's, or no longer exists.
            takenElsewhere.getOrDefault(root, new TreeSet<>()).remove(name);
        }
    }

    /**
     * Reads the foreign providers again if there were any: they may have been removed or added. If the operator does
     * not write the providers of the host, it also reads them if a desired one is missing, since nova-compute may have
     * created it without the ownership trait, or removed the trait.
     */
    public void refreshForeignProviders(HostSyncRequest request, Resolution resolution) {
        rootCache
                .findVerified(request.rootName())
                .filter(root -> !foreignProvidersBelow(root).isEmpty() || mayBeForeign(request, resolution, root))
                .ifPresent(root -> readForeignProviders(request.rootName(), root));
    }

    private boolean mayBeForeign(HostSyncRequest request, Resolution resolution, UUID root) {
        if (request.writesProviders() || !(request.isManagedByNova() || rootCache.isComputeNode(root))) {
            return false;
        }
        Set<String> own = providerCache.entriesBelow(root).keySet();
        return resolution.providers().keySet().stream()
                .map(address -> new ProviderName(request.rootName(), address).toString())
                .anyMatch(name -> !own.contains(name));
    }

    /** Foreign providers that have the names of device providers, by name. */
    public Map<String, UUID> foreignProvidersBelow(@Nullable UUID root) {
        return root == null ? Map.of() : foreignByRoot.getOrDefault(root, Map.of());
    }

    /** Called when a root provider no longer exists. */
    public void onRootDeleted(String rootName, UUID root) {
        rootCache.invalidate(rootName);
        providerCache.removeDeleted(root);
        foreignByRoot.remove(root);
        unreadTrees.remove(root);
        takenElsewhere.remove(root);
    }

    /** Deletes the operator's own root, unless a compute service uses it or something is still below it. */
    public void deleteRoot(String rootName, UUID own) {
        if (!isOperatorOwned(rootName, own)) {
            return;
        }
        try {
            placement.deleteProvider(own);
            onRootDeleted(rootName, own);
        } catch (PlacementException.InUse e) {
            // Another client has created a provider below it in the meantime, so it is kept.
        }
    }
}
