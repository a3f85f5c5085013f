package io.pciplacement.operator.event;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import jakarta.enterprise.context.ApplicationScoped;

/** Wakes the reconciler of a host for reasons outside Kubernetes' objects: Placement, a label, a heartbeat. */
@ApplicationScoped
public class HostEventSource {

    private final SimpleInboundEventSource<HostPciInventory> source = new SimpleInboundEventSource<>("host-triggers");

    public SimpleInboundEventSource<HostPciInventory> source() {
        return source;
    }

    public void wake(String host) {
        if (source.isRunning()) {
            source.propagateEvent(new ResourceID(host));
        }
    }
}
