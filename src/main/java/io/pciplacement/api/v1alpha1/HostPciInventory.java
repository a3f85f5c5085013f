package io.pciplacement.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import org.jspecify.annotations.Nullable;

/** The PCI devices of one host, as its agent sees them, and what of them is tracked in Placement. */
@Group(ApiConstants.GROUP)
@Version(ApiConstants.VERSION)
@Kind("HostPciInventory")
@Singular("hostpciinventory")
@Plural("hostpciinventories")
@ShortNames("hpi")
public class HostPciInventory extends CustomResource<HostPciInventorySpec, HostPciInventoryStatus> {

    private static final long serialVersionUID = 1;

    /** The name of the provider that stands for the host: the node's, unless the spec says another. */
    @JsonIgnore
    public String rootProviderName() {
        HostPciInventorySpec.RootProvider root =
                getSpec() == null ? null : getSpec().rootProvider();
        return root == null || root.name() == null ? getMetadata().getName() : root.name();
    }

    /** Whether the operator writes the devices of this host to Placement, unless it is paused. */
    @JsonIgnore
    public boolean isReportingEnabled() {
        return getSpec() != null && getSpec().reporting() == HostPciInventorySpec.ReportingMode.ENABLED;
    }

    /** Whether an administrator has paused writes for this host. */
    @JsonIgnore
    public boolean isPaused() {
        return getSpec() != null && Boolean.TRUE.equals(getSpec().paused());
    }

    /** Whether an agent has published a device list for this object. */
    @JsonIgnore
    public boolean hasDeviceList() {
        return getStatus() != null && getStatus().devices() != null;
    }

    // Records have no empty form to start from.
    @Override
    protected @Nullable HostPciInventorySpec initSpec() {
        return null;
    }

    @Override
    protected @Nullable HostPciInventoryStatus initStatus() {
        return null;
    }
}
