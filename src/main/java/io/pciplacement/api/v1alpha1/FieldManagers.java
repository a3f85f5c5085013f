package io.pciplacement.api.v1alpha1;

/** Field managers of server-side apply. Each owns separate fields. */
public final class FieldManagers {

    /** The agent's part of the status of a HostPciInventory: {@code status.agent} and {@code status.devices}. */
    public static final String AGENT = "pci-agent";

    /** The operator's part of every status, and finalizers. */
    public static final String OPERATOR = "pci-operator";

    /** The spec of a HostPciInventory that the operator creates for a Node. */
    public static final String OPERATOR_CREATE = "pci-operator-create";

    private FieldManagers() {}
}
