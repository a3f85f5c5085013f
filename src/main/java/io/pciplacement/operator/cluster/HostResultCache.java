package io.pciplacement.operator.cluster;

import io.pciplacement.sync.host.HostSyncResult;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Cache of the last sync result of each host, for the statuses of the specs; refilled after a restart. */
@ApplicationScoped
public class HostResultCache {

    private final Map<String, HostSyncRecord> byNode = new ConcurrentHashMap<>();
    private final CopyOnWriteArrayList<Consumer<Collection<String>>> listeners = new CopyOnWriteArrayList<>();

    /**
     * Last sync result of a host.
     *
     * @param enabled whether the devices are reported to Placement
     * @param specGenerations generations of the specs that were applied, by name
     */
    public record HostSyncRecord(HostSyncResult syncResult, boolean enabled, Map<String, Long> specGenerations) {

        public HostSyncRecord {
            specGenerations = Map.copyOf(specGenerations);
        }
    }

    public void addListener(Consumer<Collection<String>> onChangedSpecs) {
        listeners.add(onChangedSpecs);
    }

    public Optional<HostSyncRecord> findResult(String node) {
        return Optional.ofNullable(byNode.get(node));
    }

    /** Stores the result of a host; returns whether it changed. */
    public boolean putResult(String node, HostSyncRecord record) {
        HostSyncRecord before = byNode.put(node, record);
        boolean changed = !record.equals(before);
        if (changed) {
            notifyListeners(before, record.specGenerations().keySet());
        }
        return changed;
    }

    /** Removes the results of deleted hosts. */
    public void retainHosts(Predicate<String> exists) {
        byNode.keySet().stream().filter(exists.negate()).forEach(this::removeHost);
    }

    public void removeHost(String node) {
        notifyListeners(byNode.remove(node), Set.of());
    }

    private void notifyListeners(@Nullable HostSyncRecord before, Set<String> now) {
        Set<String> affected = new HashSet<>(now);
        if (before != null) {
            affected.addAll(before.specGenerations().keySet());
        }
        listeners.forEach(listener -> listener.accept(affected));
    }
}
