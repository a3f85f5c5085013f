package io.pciplacement.operator.cluster;

import io.pciplacement.sync.HostSyncResult;
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

/** What became of each host last, for the statuses of the specs; made anew after a restart, as every host is. */
@ApplicationScoped
public class HostResultCache {

    private final Map<String, HostResultCache.HostSyncRecord> byNode = new ConcurrentHashMap<>();
    private final CopyOnWriteArrayList<Consumer<Collection<String>>> listeners = new CopyOnWriteArrayList<>();

    /**
     * One host's last outcome.
     *
     * @param enabled whether its devices are reported
     * @param specGenerations which specs were for it, and in which generation they were acted on
     */
    public record HostSyncRecord(HostSyncResult outcome, boolean enabled, Map<String, Long> specGenerations) {

        public HostSyncRecord {
            specGenerations = Map.copyOf(specGenerations);
        }
    }

    public void listen(Consumer<Collection<String>> onChangedSpecs) {
        listeners.add(onChangedSpecs);
    }

    public Optional<HostResultCache.HostSyncRecord> of(String node) {
        return Optional.ofNullable(byNode.get(node));
    }

    /** Takes in a host's outcome; returns whether it is another than before. */
    public boolean put(String node, HostResultCache.HostSyncRecord seen) {
        HostResultCache.HostSyncRecord before = byNode.put(node, seen);
        boolean news = !seen.equals(before);
        if (news) {
            tell(before, seen.specGenerations().keySet());
        }
        return news;
    }

    /** Releases the outcomes of the hosts that are gone. */
    public void retain(Predicate<String> exists) {
        byNode.keySet().stream().filter(exists.negate()).forEach(this::remove);
    }

    public void remove(String node) {
        tell(byNode.remove(node), Set.of());
    }

    private void tell(HostResultCache.@Nullable HostSyncRecord before, Set<String> now) {
        Set<String> affected = new HashSet<>(now);
        if (before != null) {
            affected.addAll(before.specGenerations().keySet());
        }
        listeners.forEach(listener -> listener.accept(affected));
    }
}
