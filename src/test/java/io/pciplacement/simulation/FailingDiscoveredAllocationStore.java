package io.pciplacement.simulation;

import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.operator.discovery.DiscoveredAllocationStore;
import io.pciplacement.testing.FaultInjector;

/** Store of discovered PciAllocations of a {@link SimulatedOperator} whose writes may fail or crash the process. */
final class FailingDiscoveredAllocationStore extends DiscoveredAllocationStore {

    private final InMemoryApiServer api;
    private final FaultInjector faults;

    FailingDiscoveredAllocationStore(InMemoryApiServer api, FaultInjector faults) {
        super(null, null);
        this.api = api;
        this.faults = faults;
    }

    @Override
    public void create(PciAllocation object) {
        write(() -> api.createObject(object));
    }

    @Override
    public void replace(PciAllocation object) {
        write(() -> api.replaceObject(object));
    }

    @Override
    public void delete(PciAllocation object) {
        write(() -> api.deleteObject(object));
    }

    private void write(Runnable change) {
        faults.atApiServer("discovery", () -> {
            change.run();
            return null;
        });
    }
}
