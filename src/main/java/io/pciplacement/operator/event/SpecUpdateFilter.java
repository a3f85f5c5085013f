package io.pciplacement.operator.event;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import java.util.Objects;

/**
 * Update filter that accepts changes of spec, deletion timestamp and finalizers, and ignores the status. After a new
 * list, an object that was deleted and recreated in the meantime is an update, which it accepts too.
 */
public class SpecUpdateFilter<P extends HasMetadata> implements OnUpdateFilter<P> {

    @Override
    public boolean accept(P now, P before) {
        return !Objects.equals(now.getMetadata().getUid(), before.getMetadata().getUid())
                || !Objects.equals(
                        now.getMetadata().getGeneration(), before.getMetadata().getGeneration())
                || !Objects.equals(
                        now.getMetadata().getDeletionTimestamp(),
                        before.getMetadata().getDeletionTimestamp())
                || !Objects.equals(
                        now.getMetadata().getFinalizers(), before.getMetadata().getFinalizers());
    }
}
