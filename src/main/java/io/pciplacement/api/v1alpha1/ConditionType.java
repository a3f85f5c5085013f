package io.pciplacement.api.v1alpha1;

/** Condition types of the API. */
public final class ConditionType {

    /** Summary of the other conditions; on all custom resources. */
    public static final String READY = "Ready";

    /** An administrator must act before the object can become ready. */
    public static final String STALLED = "Stalled";

    /** The spec of the object is valid. */
    public static final String ACCEPTED = "Accepted";

    /** HostPciInventory: the agent's device list is current. */
    public static final String INVENTORY_FRESH = "InventoryFresh";

    /** HostPciInventory: the specs do not conflict on this host. */
    public static final String SPECS_RESOLVED = "SpecsResolved";

    /** HostPciInventory: Placement has the desired state. */
    public static final String PLACEMENT_SYNCED = "PlacementSynced";

    /** HostPciInventory: the PciAllocations of this host are in Placement. */
    public static final String ALLOCATIONS_HEALED = "AllocationsHealed";

    /** HostPciInventory: used one-time-use devices wait for cleaning. */
    public static final String NEEDS_CLEANING = "NeedsCleaning";

    /** HostPciInventory: devices are quarantined. */
    public static final String QUARANTINED = "Quarantined";

    /** HostPciInventory: no consumer has devices of a host that is drained. */
    public static final String DRAINED = "Drained";

    /** HostPciInventory: the root provider of the host exists and is known. */
    public static final String ROOT_PROVIDER_FOUND = "RootProviderFound";

    /** HostPciInventory: the ConfigMap of the host's nova-compute has the exported configuration. */
    public static final String NOVA_CONFIG_PUBLISHED = "NovaConfigPublished";

    /** PciAllocation: Placement has the allocation of the consumer. */
    public static final String IN_PLACEMENT = "InPlacement";

    /** PciAllocation: libvirt has attached the devices to the server. Set only if that is known. */
    public static final String ATTACHED = "Attached";

    private ConditionType() {}
}
