package io.pciplacement.api.v1alpha1;

import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import org.jspecify.annotations.Nullable;

/** Custom resource: PCI devices that one consumer of Placement, such as a server, has or requests. */
@Group(ApiConstants.GROUP)
@Version(ApiConstants.VERSION)
@Kind("PciAllocation")
@Singular("pciallocation")
@Plural("pciallocations")
@ShortNames("pcia")
public class PciAllocation extends CustomResource<PciAllocationSpec, PciAllocationStatus> {

    private static final long serialVersionUID = 1;

    @Override
    protected @Nullable PciAllocationSpec initSpec() {
        return null;
    }

    @Override
    protected @Nullable PciAllocationStatus initStatus() {
        return null;
    }
}
