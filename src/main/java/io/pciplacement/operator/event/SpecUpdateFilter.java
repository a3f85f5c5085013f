package io.pciplacement.operator.event;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import java.util.Objects;

/** Which updates of an object change what is wanted of it: another spec, a deletion, a finalizer; no status. */
public class SpecUpdateFilter<P extends HasMetadata> implements OnUpdateFilter<P> {

    @Override
    public boolean accept(P now, P before) {
        return !Objects.equals(
                        now.getMetadata().getGeneration(), before.getMetadata().getGeneration())
                || !Objects.equals(
                        now.getMetadata().getDeletionTimestamp(),
                        before.getMetadata().getDeletionTimestamp())
                || !Objects.equals(
                        now.getMetadata().getFinalizers(), before.getMetadata().getFinalizers());
    }
}
