package io.pciplacement.operator;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec;
import io.pciplacement.operator.sync.HostRequest;
import io.pciplacement.operator.sync.HostRequest.Missing;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.HeldDevices;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a host's object asks for, as it is brought to Placement. */
final class HostRequests {

    private HostRequests() {}

    /**
     * The request to bring a host in sync.
     *
     * @param node whether its Node exists
     * @param specs those whose node selector selects the host
     */
    static HostRequest of(
            HostPciInventory host, boolean node, HostDevices devices, List<DeviceSpec> specs, HeldDevices held) {
        return request(host, missing(host, node), devices, specs, held);
    }

    /** The request to remove a host, for which nothing else need be known. */
    static HostRequest removal(HostPciInventory host, HeldDevices held) {
        return request(host, null, HostDevices.NONE, List.of(), held);
    }

    private static HostRequest request(
            HostPciInventory host,
            @Nullable Missing missing,
            HostDevices devices,
            List<DeviceSpec> specs,
            HeldDevices held) {
        HostPciInventorySpec.RootProvider root =
                host.getSpec() == null ? null : host.getSpec().rootProvider();
        return new HostRequest(
                host.getMetadata().getName(),
                host.rootProviderName(),
                root != null && Boolean.TRUE.equals(root.create()),
                HostReport.enabled(host) && !HostReport.paused(host),
                missing,
                devices,
                specs,
                HostMemory.record(host),
                held,
                HostMemory.adopt(host));
    }

    private static @Nullable Missing missing(HostPciInventory host, boolean node) {
        if (!node) {
            return Missing.NODE;
        }
        return AgentReport.hasList(host.getStatus()) ? null : Missing.DEVICE_LIST;
    }
}
