package io.pciplacement.operator.allocation;

import io.pciplacement.operator.event.AllocationEventSource;
import io.pciplacement.operator.event.HostEventSource;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.sync.AllocationSyncResult;
import io.pciplacement.sync.index.AllocationIndex;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Set;
import java.util.TreeSet;

/** Notifier that passes the result of an allocation's sync to the hosts and PciAllocations that depend on it. */
@ApplicationScoped
public class AllocationSyncNotifier {

    private final AllocationIndex index;
    private final AllocationEventSource allocationEventSource;
    private final HostEventSource hostEventSource;

    public AllocationSyncNotifier(
            AllocationIndex index, AllocationEventSource allocationEventSource, HostEventSource hostEventSource) {
        this.index = index;
        this.allocationEventSource = allocationEventSource;
        this.hostEventSource = hostEventSource;
    }

    /**
     * Stores the problem of an allocation. Triggers the hosts whose usage, or whose condition AllocationsHealed, may
     * have changed, and the PciAllocations that conflict with it if its problem has changed.
     */
    void notifyResult(DesiredAllocation desired, AllocationSyncResult syncResult) {
        if (syncResult instanceof AllocationSyncResult.Evaluated evaluated) {
            AllocationProblem problem = evaluated.decision().findProblem().orElse(null);
            boolean changed = index.setProblem(desired.name(), problem);
            Set<String> nodes = new TreeSet<>(evaluated.touchedNodes());
            if (changed) {
                allocationEventSource.triggerAll(index.conflictingAllocations(desired));
                nodes.addAll(desired.nodeNames());
            }
            nodes.forEach(hostEventSource::trigger);
        }
    }
}
