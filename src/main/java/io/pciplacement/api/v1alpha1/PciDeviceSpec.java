package io.pciplacement.api.v1alpha1;

import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import org.jspecify.annotations.Nullable;

/** Custom resource: selects PCI devices to track in Placement, with their resource class and traits. */
@Group(ApiConstants.GROUP)
@Version(ApiConstants.VERSION)
@Kind("PciDeviceSpec")
@Singular("pcidevicespec")
@Plural("pcidevicespecs")
@ShortNames("pds")
public class PciDeviceSpec extends CustomResource<PciDeviceSpecSpec, PciDeviceSpecStatus> {

    private static final long serialVersionUID = 1;

    @Override
    protected @Nullable PciDeviceSpecSpec initSpec() {
        return null;
    }

    @Override
    protected @Nullable PciDeviceSpecStatus initStatus() {
        return null;
    }
}
