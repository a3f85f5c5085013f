package io.pciplacement.operator;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec;
import io.pciplacement.operator.sync.HostRequest;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.HeldDevices;
import java.util.List;

/** What a host's object asks for, as it is brought to Placement. */
final class HostRequests {

    private HostRequests() {}

    /** @param specs those whose node selector selects the host */
    static HostRequest of(HostPciInventory host, HostDevices devices, List<DeviceSpec> specs, HeldDevices held) {
        HostPciInventorySpec.RootProvider root =
                host.getSpec() == null ? null : host.getSpec().rootProvider();
        return new HostRequest(
                host.getMetadata().getName(),
                host.rootProviderName(),
                root != null && Boolean.TRUE.equals(root.create()),
                HostReport.enabled(host) && !HostReport.paused(host),
                devices,
                specs,
                HostMemory.providers(host),
                held,
                HostMemory.cards(host),
                HostMemory.adopt(host),
                HostMemory.cleaned(host));
    }
}
