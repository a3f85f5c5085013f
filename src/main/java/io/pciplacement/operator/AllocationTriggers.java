package io.pciplacement.operator;

import io.pciplacement.api.v1alpha1.PciAllocation;
import jakarta.enterprise.context.ApplicationScoped;

/** Wakes the reconciler of PciAllocations whose hosts or rivals have changed. */
@ApplicationScoped
public class AllocationTriggers extends GatheringTriggers<PciAllocation> {

    AllocationTriggers() {
        super("allocation-triggers", 100);
    }
}
