package io.pciplacement.operator.event;

import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.sync.index.AffectedObjects;
import jakarta.enterprise.context.ApplicationScoped;

/** Event source for PciAllocations whose hosts, or whose competitors for a device, have changed. */
@ApplicationScoped
public class AllocationEventSource extends BatchingEventSource<PciAllocation> {

    public AllocationEventSource() {
        super("allocation-triggers", 100);
    }

    /** Triggers the PciAllocations and hosts that may be affected by a change of the index. */
    public void triggerAffected(AffectedObjects affected, HostEventSource hosts) {
        triggerAll(affected.allocations());
        affected.nodes().forEach(hosts::trigger);
    }
}
