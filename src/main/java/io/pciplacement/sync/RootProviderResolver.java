package io.pciplacement.sync;

import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.HostProviderTree;
import io.pciplacement.planning.ProviderUuid;
import io.pciplacement.sync.cache.ProviderCache;
import io.pciplacement.sync.root.RootProviderCache;
import io.pciplacement.sync.root.RootProviderProblem;
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
 * Finds the root provider of a host, creates it if it may, and verifies that it is the one that the host's devices are
 * below. It also knows which providers below it have a name of ours and are not ours.
 */
public final class RootProviderResolver {

    private final PlacementClient placement;
    private final ProviderCache mirror;
    private final RootProviderCache roots;
    private final Map<UUID, Map<String, UUID>> foreign = new ConcurrentHashMap<>();

    /** Names of ours that providers elsewhere in Placement have, by the root below which ours would be. */
    private final Map<UUID, Set<String>> takenElsewhere = new ConcurrentHashMap<>();

    /** What was found. */
    public sealed interface Root {

        record Found(UUID uuid, boolean own) implements Root {}

        /** None can be used. */
        record Unusable(RootProviderProblem problem) implements Root {}

        /** None exists, and the host may have one created. */
        record ToBeCreated(UUID uuid) implements Root {}
    }

    public RootProviderResolver(PlacementClient placement, ProviderCache mirror, RootProviderCache roots) {
        this.placement = placement;
        this.mirror = mirror;
        this.roots = roots;
    }

    /** The host's root; the first look also shows who else is below it. */
    public Root resolve(HostSyncRequest request, PlacementState.Available link) {
        String name = request.rootName();
        Optional<UUID> known = roots.known(name);
        if (known.isEmpty()) {
            Optional<ResourceProvider> found = find(name);
            if (found.isEmpty()) {
                return absent(request, link);
            }
            ResourceProvider root = found.get();
            UUID parent = root.parent();
            if (parent != null) {
                return new Root.Unusable(new RootProviderProblem.Nested(name, root.uuid(), parent));
            }
            if (root.uuid().equals(ProviderUuid.ofRoot(name))
                    && request.write()
                    && mirror.get(root.uuid()).isEmpty()) {
                // Created by the operator, but a kill came before its mark.
                markRoot(root, link);
            }
            look(name, root.uuid());
            roots.put(name, root.uuid());
            known = Optional.of(root.uuid());
        }
        UUID uuid = known.get();
        Set<UUID> others = new TreeSet<>(mirror.rootsOf(name));
        others.remove(uuid);
        return others.isEmpty()
                ? new Root.Found(uuid, isOwn(name, uuid))
                : new Root.Unusable(new RootProviderProblem.Replaced(
                        name, uuid, others.stream().map(this::named).toList()));
    }

    private String named(UUID uuid) {
        return roots.find(uuid)
                .map(root -> "%s (%s)".formatted(root.name(), uuid))
                .orElseGet(uuid::toString);
    }

    private Optional<ResourceProvider> find(String name) {
        return mirror.get(ProviderUuid.ofRoot(name))
                .map(ProviderCache.Entry::provider)
                .filter(listed -> listed.name().equals(name))
                .or(() -> roots.find(name));
    }

    /** Whether the operator created a root and no compute service uses it. */
    private boolean isOwn(String name, UUID uuid) {
        return uuid.equals(ProviderUuid.ofRoot(name)) && mirror.get(uuid).isPresent() && !roots.isComputeNode(uuid);
    }

    private Root absent(HostSyncRequest request, PlacementState.Available link) {
        String name = request.rootName();
        Optional<RootProviderProblem> renamed = renamed(request);
        if (renamed.isPresent()) {
            return new Root.Unusable(renamed.get());
        }
        UUID own = ProviderUuid.ofRoot(name);
        if (!request.createRoot()) {
            return new Root.Unusable(new RootProviderProblem.Missing(name));
        }
        if (!request.write()) {
            return new Root.ToBeCreated(own);
        }
        markRoot(placement.createProvider(own, name, Optional.empty()), link);
        foreign.put(own, Map.of());
        roots.put(name, own);
        return new Root.Found(own, true);
    }

    /** The provider below which the host's devices are, if it lives on under another name. */
    private Optional<RootProviderProblem> renamed(HostSyncRequest request) {
        Set<UUID> candidates = new TreeSet<>(mirror.rootsOf(request.rootName()));
        UUID recorded = request.record().root();
        if (recorded != null) {
            candidates.add(recorded);
        }
        return candidates.stream()
                .flatMap(uuid -> roots.find(uuid).stream())
                .<RootProviderProblem>map(
                        root -> new RootProviderProblem.Renamed(request.rootName(), root.uuid(), root.name()))
                .findFirst();
    }

    private void markRoot(ResourceProvider root, PlacementState.Available link) {
        SortedSet<Trait> traits = new TreeSet<>(link.marks());
        traits.remove(Trait.MANAGED_PCI_DEVICE);
        int generation = placement.putTraits(root.uuid(), new ProviderTraits(root.generation(), traits));
        mirror.found(new ResourceProvider(root.uuid(), root.name(), root.parent(), root.root(), generation));
    }

    /**
     * Reads the tree: which of ours were created but not yet marked, and which providers of a name of ours are not
     * ours.
     */
    void look(String rootName, UUID root) {
        Map<String, UUID> others = new TreeMap<>();
        HostProviderTree target = HostProviderTree.forNamesOnly(rootName, root);
        for (ResourceProvider provider : placement.tree(root)) {
            if (target.findAddress(provider.name()).isPresent()
                    && mirror.get(provider.uuid()).isEmpty()) {
                if (provider.uuid().equals(ProviderUuid.ofChild(root, provider.name()))) {
                    mirror.found(provider);
                } else {
                    others.put(provider.name(), provider.uuid());
                }
            }
        }
        takenElsewhere
                .getOrDefault(root, Set.of())
                .forEach(name -> roots.find(name).ifPresent(elsewhere -> others.putIfAbsent(name, elsewhere.uuid())));
        foreign.put(root, others);
    }

    /** Placement has refused a name of ours because another provider has it. */
    public void nameTaken(String rootName, UUID root, String name) {
        takenElsewhere
                .computeIfAbsent(root, uuid -> ConcurrentHashMap.newKeySet())
                .add(name);
        look(rootName, root);
        if (!foreignBelow(root).containsKey(name)) {
            // It was one of ours, or has gone by now.
            takenElsewhere.getOrDefault(root, new TreeSet<>()).remove(name);
        }
    }

    /** Whose providers stood in our way may have left, or there may be more of them. */
    public void lookForOthers(String rootName) {
        roots.known(rootName).filter(root -> !foreignBelow(root).isEmpty()).ifPresent(root -> look(rootName, root));
    }

    /** Providers below a root that have a name of ours and are not ours, by name. */
    public Map<String, UUID> foreignBelow(@Nullable UUID root) {
        return root == null ? Map.of() : foreign.getOrDefault(root, Map.of());
    }

    /** A root has turned out to be gone. */
    public void gone(String rootName, UUID root) {
        roots.forget(rootName);
        mirror.removed(root);
        foreign.remove(root);
        takenElsewhere.remove(root);
    }

    /** Deletes the operator's own root, unless something is still below it. */
    public void delete(String rootName, UUID own) {
        try {
            placement.deleteProvider(own);
            mirror.removed(own);
            roots.forget(rootName);
        } catch (PlacementException.InUse e) {
            // Another client has put something below it meanwhile: it stays.
        }
    }
}
