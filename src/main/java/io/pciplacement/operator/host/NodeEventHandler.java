package io.pciplacement.operator.host;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.pciplacement.operator.event.HostEventSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Objects;

/** Handler of the events of Nodes: creates the HostPciInventory of a new Node and triggers the hosts concerned. */
@ApplicationScoped
public class NodeEventHandler implements ResourceEventHandler<Node> {

    private final HostPciInventoryCreator creator;
    private final HostEventSource hostEventSource;

    NodeEventHandler(HostPciInventoryCreator creator, HostEventSource hostEventSource) {
        this.creator = creator;
        this.hostEventSource = hostEventSource;
    }

    @Override
    public void onAdd(Node node) {
        creator.ensureInventory(node);
        hostEventSource.trigger(node.getMetadata().getName());
    }

    @Override
    public void onUpdate(Node before, Node now) {
        if (!Objects.equals(before.getMetadata().getLabels(), now.getMetadata().getLabels())) {
            hostEventSource.trigger(now.getMetadata().getName());
        }
    }

    @Override
    public void onDelete(Node node, boolean unknownState) {
        creator.forgetNode(node.getMetadata().getName());
        hostEventSource.trigger(node.getMetadata().getName());
    }
}
