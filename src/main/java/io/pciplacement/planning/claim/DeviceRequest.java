package io.pciplacement.planning.claim;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.allocation.ProviderCapacity;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Devices of one kind that a consumer wants.
 *
 * @param name the request's name
 * @param resourceClass null for any
 * @param vendorId -1 for any
 * @param productId -1 for any
 * @param deviceType null for any
 * @param traits those that the devices' provider must have
 * @param forbidden those that it must not have
 */
public record DeviceRequest(
        String name,
        int count,
        @Nullable ResourceClass resourceClass,
        int vendorId,
        int productId,
        @Nullable DeviceType deviceType,
        Set<Trait> traits,
        Set<Trait> forbidden,
        Affinity affinity) {

    /** How strictly a device must be near the consumer. */
    public enum Affinity {
        /** On one of the consumer's NUMA nodes. */
        REQUIRED,
        /** There if possible. */
        PREFERRED,
        /** There, or where nobody knows the device's node. */
        LEGACY
    }

    public DeviceRequest {
        traits = Set.copyOf(traits);
        forbidden = Set.copyOf(forbidden);
    }

    boolean takes(ProviderCapacity provider, PciDevice device, Set<Integer> numaNodes) {
        return (resourceClass == null || resourceClass.equals(provider.resourceClass()))
                && (vendorId < 0 || vendorId == device.vendorId())
                && (productId < 0 || productId == device.productId())
                && (deviceType == null || deviceType == device.type())
                && provider.view().traits().containsAll(traits)
                && forbidden.stream().noneMatch(provider.view().traits()::contains)
                && near(device, numaNodes);
    }

    private boolean near(PciDevice device, Set<Integer> numaNodes) {
        if (numaNodes.isEmpty()) {
            return true;
        }
        return switch (affinity) {
            case REQUIRED -> numaNodes.contains(device.numaNode());
            case PREFERRED -> true;
            case LEGACY -> device.numaNode() < 0 || numaNodes.contains(device.numaNode());
        };
    }

    /** As a person reads it: {@code 'vf' (CUSTOM_VF, VF, with CUSTOM_BLUE)}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("'").append(name).append("' (");
        text.append(
                resourceClass != null
                        ? resourceClass.name()
                        : PciDevice.formatId(vendorId) + ":" + PciDevice.formatId(productId));
        if (deviceType != null) {
            text.append(", ").append(deviceType);
        }
        traits.stream().sorted().forEach(trait -> text.append(", with ").append(trait));
        forbidden.stream().sorted().forEach(trait -> text.append(", without ").append(trait));
        return text.append(')').toString();
    }
}
