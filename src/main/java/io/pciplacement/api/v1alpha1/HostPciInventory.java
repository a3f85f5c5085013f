package io.pciplacement.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Custom resource: PCI devices of one host, as reported by its agent, and their state in Placement. */
@Group(ApiConstants.GROUP)
@Version(ApiConstants.VERSION)
@Kind("HostPciInventory")
@Singular("hostpciinventory")
@Plural("hostpciinventories")
@ShortNames("hpi")
public class HostPciInventory extends CustomResource<HostPciInventorySpec, HostPciInventoryStatus> {

    private static final long serialVersionUID = 1;

    /** Name of the root provider of the host: the name of the node, unless the spec sets another. */
    @JsonIgnore
    public String rootProviderName() {
        HostPciInventorySpec.RootProvider root = rootProvider();
        return root == null || root.name() == null ? getMetadata().getName() : root.name();
    }

    /** Whether the operator creates the root provider if Placement has none of that name. */
    @JsonIgnore
    public boolean createsRootProvider() {
        HostPciInventorySpec.RootProvider root = rootProvider();
        return root != null && Boolean.TRUE.equals(root.create());
    }

    private HostPciInventorySpec.@Nullable RootProvider rootProvider() {
        return getSpec() == null ? null : getSpec().rootProvider();
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

    /** Whether the host's nova-compute writes the devices of this host to Placement. */
    @JsonIgnore
    public boolean isManagedByNova() {
        return getSpec() != null && getSpec().reporting() == HostPciInventorySpec.ReportingMode.NOVA;
    }

    /** Whether the devices of this host are reported to Placement, by the operator or by nova-compute. */
    @JsonIgnore
    public boolean isReported() {
        return isReportingEnabled() || isManagedByNova();
    }

    /** Whether the operator may write to Placement for this host: its devices are reported, and it is not paused. */
    @JsonIgnore
    public boolean isWriteAllowed() {
        return isReported() && !isPaused();
    }

    /** Whether deleting this object removes the host's unused providers from Placement. */
    @JsonIgnore
    public boolean removesUnusedProviders() {
        return getSpec() != null && getSpec().onDelete() == HostPciInventorySpec.DeletionPolicy.REMOVE_UNUSED;
    }

    /** Whether no device of the host may be allocated any more. */
    @JsonIgnore
    public boolean isDrained() {
        return getSpec() != null && Boolean.TRUE.equals(getSpec().drain());
    }

    /** The condition of a type that the operator last recorded. */
    public Optional<Condition> findCondition(String type) {
        return Conditions.find(getStatus() == null ? null : getStatus().conditions(), type);
    }

    /** Whether an agent has published a device list for this object. */
    @JsonIgnore
    public boolean hasDeviceList() {
        return getStatus() != null && getStatus().devices() != null;
    }

    // Records have no default constructor, so there is no initial value.
    @Override
    protected @Nullable HostPciInventorySpec initSpec() {
        return null;
    }

    @Override
    protected @Nullable HostPciInventoryStatus initStatus() {
        return null;
    }
}
