package io.pciplacement.api.v1alpha1;

/** Metadata of the PciAllocations that the operator creates for the servers of libvirt. */
public final class DiscoveryMetadata {

    /** Label: the operator created the object and maintains it. Without the label, the object is that of a user. */
    public static final String LABEL = ApiConstants.GROUP + "/discovered";

    /** Annotation: name of the server. */
    public static final String SERVER_NAME = ApiConstants.GROUP + "/server-name";

    private static final String NAME_PREFIX = "server-";

    private DiscoveryMetadata() {}

    /** The name of the object of a server. */
    public static String nameFor(String serverUuid) {
        return NAME_PREFIX + serverUuid;
    }

    /** Whether the operator maintains an object: it has the label and the name that belongs to its consumer. */
    public static boolean isDiscovered(PciAllocation object) {
        return object.getMetadata().getLabels() != null
                && "true".equals(object.getMetadata().getLabels().get(LABEL))
                && object.getMetadata()
                        .getName()
                        .equals(nameFor(object.getSpec().consumer().uuid()))
                && object.getSpec().consumer().managedBy() != PciAllocationSpec.ManagedBy.OPERATOR;
    }
}
