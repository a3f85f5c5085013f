package io.pciplacement.mapping;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.planning.AllocatedDevices;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.sync.HostSyncRequest;
import io.pciplacement.sync.HostSyncRequest.Missing;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a host's object asks for, as it is brought to Placement. */
public final class HostSyncRequestMapper {

    private HostSyncRequestMapper() {}

    /**
     * The request to bring a host in sync.
     *
     * @param node whether its Node exists
     * @param specs those whose node selector selects the host
     */
    public static HostSyncRequest of(
            HostPciInventory host, boolean node, HostDevices devices, List<DeviceSpec> specs, AllocatedDevices held) {
        return request(host, missing(host, node), devices, specs, held);
    }

    /** The request to remove a host, for which nothing else need be known. */
    public static HostSyncRequest removal(HostPciInventory host, AllocatedDevices held) {
        return request(host, null, HostDevices.NONE, List.of(), held);
    }

    private static HostSyncRequest request(
            HostPciInventory host,
            @Nullable Missing missing,
            HostDevices devices,
            List<DeviceSpec> specs,
            AllocatedDevices held) {
        HostPciInventorySpec.RootProvider root =
                host.getSpec() == null ? null : host.getSpec().rootProvider();
        return new HostSyncRequest(
                host.getMetadata().getName(),
                host.rootProviderName(),
                root != null && Boolean.TRUE.equals(root.create()),
                host.isReportingEnabled() && !host.isPaused(),
                missing,
                devices,
                specs,
                HostStatusReader.record(host),
                held,
                HostStatusReader.adopt(host));
    }

    private static @Nullable Missing missing(HostPciInventory host, boolean node) {
        if (!node) {
            return Missing.NODE;
        }
        return host.hasDeviceList() ? null : Missing.DEVICE_LIST;
    }
}
