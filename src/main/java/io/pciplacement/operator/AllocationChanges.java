package io.pciplacement.operator;

import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import io.pciplacement.api.v1alpha1.PciAllocation;
import java.util.Objects;

/** Which updates of a PciAllocation matter: another spec, a deletion, a finalizer. Its status is our own writing. */
public final class AllocationChanges implements OnUpdateFilter<PciAllocation> {

    @Override
    public boolean accept(PciAllocation now, PciAllocation before) {
        return !Objects.equals(
                        now.getMetadata().getGeneration(), before.getMetadata().getGeneration())
                || !Objects.equals(
                        now.getMetadata().getDeletionTimestamp(),
                        before.getMetadata().getDeletionTimestamp())
                || !Objects.equals(
                        now.getMetadata().getFinalizers(), before.getMetadata().getFinalizers());
    }
}
