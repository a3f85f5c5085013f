package io.pciplacement.simulation;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.CustomResource;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.operator.status.StatusPatcher;
import io.pciplacement.testing.FaultInjector;

/** Status writer of a {@link SimulatedOperator} that may fail or crash the process after a write. */
final class FailingStatusPatcher extends StatusPatcher {

    private final InMemoryApiServer api;
    private final FaultInjector faults;

    FailingStatusPatcher(InMemoryApiServer api, FaultInjector faults) {
        super(null, null);
        this.api = api;
        this.faults = faults;
    }

    @Override
    @SuppressWarnings("unchecked")
    protected <S, T extends CustomResource<?, S>> T applyStatus(T fresh) {
        return (T) faults.atApiServer("status", () -> switch ((Object) fresh) {
            case PciAllocation allocation -> api.status(allocation);
            case HostPciInventory host -> api.status(host);
            default -> throw new IllegalArgumentException("a status of " + fresh.getClass());
        });
    }

    @Override
    protected ObjectMeta readMetadata(CustomResource<?, ?> object) {
        String name = object.getMetadata().getName();
        HasMetadata now = object instanceof HostPciInventory
                ? api.hosts().get(name)
                : api.allocation(name).orElse(null);
        return now == null ? null : now.getMetadata();
    }
}
