package io.pciplacement.operator;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.operator.sync.HostRequest;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.HeldDevices;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
                countedAs(host),
                held);
    }

    private static Map<String, DeviceType> countedAs(HostPciInventory host) {
        HostPciInventoryStatus status = host.getStatus();
        Map<String, DeviceType> kinds = new HashMap<>();
        if (status != null && status.providers() != null) {
            for (ProviderStatus row : status.providers()) {
                if (row.deviceType() != null) {
                    kinds.put(row.name(), row.deviceType());
                }
            }
        }
        return kinds;
    }
}
