package io.pciplacement.planning.attachment;

/** Decision about the PciAllocation that the operator maintains for one server that libvirt has. */
public sealed interface DiscoveryDecision {

    /** Nothing is changed, because there is nothing to change or because not enough is known. */
    record Keep() implements DiscoveryDecision {}

    /** The object is created, or changed to this content. */
    record Write(DiscoveredServer server) implements DiscoveryDecision {}

    /** The object is deleted. That does not change Placement. */
    record Delete() implements DiscoveryDecision {}
}
