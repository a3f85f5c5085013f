package io.pciplacement.sync.cache;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Index of the nodes of synced hosts by their root provider. A host is in it before its sync uses the cached state of
 * its providers, so that every later change of that state triggers the host again.
 */
public final class HostRootIndex {

    private final Map<UUID, String> nodeByRoot = new ConcurrentHashMap<>();

    public void put(UUID root, String node) {
        nodeByRoot.put(root, node);
    }

    public Optional<String> findNode(UUID root) {
        return Optional.ofNullable(nodeByRoot.get(root));
    }

    /** The nodes of these root providers; without those that are not root providers of synced hosts. */
    public Set<String> nodesOf(Collection<UUID> roots) {
        return roots.stream().flatMap(root -> findNode(root).stream()).collect(Collectors.toCollection(TreeSet::new));
    }

    public void removeNode(String node) {
        nodeByRoot.values().removeIf(node::equals);
    }
}
