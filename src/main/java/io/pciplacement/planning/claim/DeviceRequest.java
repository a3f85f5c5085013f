package io.pciplacement.planning.claim;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.allocation.ProviderCapacity;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Request of a consumer for devices.
 *
 * @param name name of the request
 * @param resourceClass null for any
 * @param vendorId -1 for any
 * @param productId -1 for any
 * @param deviceType null for any
 * @param traits traits that the devices' provider must have
 * @param forbiddenTraits traits that it must not have
 */
public record DeviceRequest(
        String name,
        int count,
        @Nullable ResourceClass resourceClass,
        int vendorId,
        int productId,
        @Nullable DeviceType deviceType,
        Set<Trait> traits,
        Set<Trait> forbiddenTraits,
        Affinity affinity) {

    /** NUMA affinity of a request. */
    public enum Affinity {
        /** The device must be on one of the consumer's NUMA nodes. */
        REQUIRED,
        /** Such a device is preferred. */
        PREFERRED,
        /** The device must be on one of these NUMA nodes, or its node must be unknown. */
        LEGACY
    }

    public DeviceRequest {
        traits = Set.copyOf(traits);
        forbiddenTraits = Set.copyOf(forbiddenTraits);
    }

    boolean accepts(ProviderCapacity provider, PciDevice device, Set<Integer> numaNodes) {
        return (resourceClass == null || resourceClass.equals(provider.resourceClass()))
                && (vendorId < 0 || vendorId == device.vendorId())
                && (productId < 0 || productId == device.productId())
                && (deviceType == null || deviceType == device.type())
                && provider.observed().traits().containsAll(traits)
                && forbiddenTraits.stream().noneMatch(provider.observed().traits()::contains)
                && satisfiesNuma(device, numaNodes);
    }

    private boolean satisfiesNuma(PciDevice device, Set<Integer> numaNodes) {
        if (numaNodes.isEmpty()) {
            return true;
        }
        return switch (affinity) {
            case REQUIRED -> numaNodes.contains(device.numaNode());
            case PREFERRED -> true;
            case LEGACY -> device.numaNode() < 0 || numaNodes.contains(device.numaNode());
        };
    }

    /** Text form: {@code 'vf' (CUSTOM_VF, VF, with CUSTOM_BLUE)}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("'").append(name).append("' (");
        text.append(
                resourceClass != null
                        ? resourceClass.name()
                        : PciDevice.hexId(vendorId) + ":" + PciDevice.hexId(productId));
        if (deviceType != null) {
            text.append(", ").append(deviceType);
        }
        traits.stream().sorted().forEach(trait -> text.append(", with ").append(trait));
        forbiddenTraits.stream()
                .sorted()
                .forEach(trait -> text.append(", without ").append(trait));
        return text.append(')').toString();
    }
}
