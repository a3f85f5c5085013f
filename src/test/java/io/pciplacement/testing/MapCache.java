package io.pciplacement.testing;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.Cache;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Cache of a controller's informer that contains the objects of a map, by name. */
public class MapCache<T extends HasMetadata> implements Cache<T> {

    private final Map<String, T> byName;

    public MapCache(Map<String, T> byName) {
        this.byName = byName;
    }

    @Override
    public Optional<T> get(ResourceID id) {
        return Optional.ofNullable(byName.get(id.getName()));
    }

    @Override
    public Stream<ResourceID> keys() {
        return byName.keySet().stream().map(ResourceID::new);
    }

    @Override
    public Stream<T> list(Predicate<T> predicate) {
        return byName.values().stream().filter(predicate);
    }
}
