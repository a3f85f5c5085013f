package io.pciplacement.operator.event;

import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.sync.index.AllocationIndex;
import jakarta.enterprise.context.ApplicationScoped;

/** Wakes the reconciler of PciAllocations whose hosts or rivals have changed. */
@ApplicationScoped
public class AllocationEventSource extends BatchingEventSource<PciAllocation> {

    public AllocationEventSource() {
        super("allocation-triggers", 100);
    }

    /** Wakes the PciAllocations and the hosts that a change of the index may concern. */
    public void wake(AllocationIndex.Affected affected, HostEventSource hosts) {
        wake(affected.allocations());
        affected.nodes().forEach(hosts::wake);
    }
}
