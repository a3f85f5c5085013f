package io.pciplacement.operator.event;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import jakarta.enterprise.context.ApplicationScoped;

/** Event source for hosts: changes in Placement, of node labels and of heartbeats. */
@ApplicationScoped
public class HostEventSource {

    private final SimpleInboundEventSource<HostPciInventory> eventSource =
            new SimpleInboundEventSource<>("host-triggers");

    public SimpleInboundEventSource<HostPciInventory> eventSource() {
        return eventSource;
    }

    public void trigger(String host) {
        if (eventSource.isRunning()) {
            eventSource.propagateEvent(new ResourceID(host));
        }
    }
}
