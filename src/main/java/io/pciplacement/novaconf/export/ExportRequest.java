package io.pciplacement.novaconf.export;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.ProviderName;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Request for the export of one node.
 *
 * @param specs the specs for the node, in any order
 * @param devices the devices of the node, if known
 * @param usedClasses the resource classes of its providers that are in use, by the address in their name
 */
public record ExportRequest(
        List<PciDeviceSpec> specs, @Nullable HostDevices devices, Map<PciAddress, String> usedClasses) {

    public ExportRequest {
        specs = List.copyOf(specs);
        usedClasses = Map.copyOf(usedClasses);
    }

    /** @param host the node's object, whose status has the providers */
    public static ExportRequest of(
            Collection<PciDeviceSpec> specs, @Nullable HostDevices devices, @Nullable HostPciInventory host) {
        Map<PciAddress, String> classes = new TreeMap<>();
        if (host != null && host.getStatus() != null) {
            for (ProviderStatus row :
                    Objects.requireNonNullElse(host.getStatus().providers(), List.<ProviderStatus>of())) {
                String resourceClass = row.resourceClass();
                if (resourceClass != null && Objects.requireNonNullElse(row.used(), 0) > 0) {
                    ProviderName.findAddressBelow(host.rootProviderName(), row.name())
                            .ifPresent(address -> classes.put(address, resourceClass));
                }
            }
        }
        return new ExportRequest(List.copyOf(specs), devices, classes);
    }
}
