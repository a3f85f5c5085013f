package io.pciplacement.mapping;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.pciplacement.api.v1alpha1.DiscoveryMetadata;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.attachment.DiscoveredServer;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Mapper between the PciAllocations of libvirt's servers and their content. */
public final class DiscoveredAllocationMapper {

    private DiscoveredAllocationMapper() {}

    /** The content of an object that the operator maintains. */
    public static DiscoveredServer toServer(PciAllocation object) {
        DesiredAllocation desired = PciAllocationMapper.toDesiredAllocation(object);
        Map<String, String> annotations =
                Objects.requireNonNullElse(object.getMetadata().getAnnotations(), Map.of());
        return new DiscoveredServer(
                desired.consumer().uuid(),
                annotations.getOrDefault(DiscoveryMetadata.SERVER_NAME, ""),
                desired.consumer().projectId(),
                desired.consumer().userId(),
                desired.devices());
    }

    /**
     * The object of a server.
     *
     * @param existing the present object, whose other labels and annotations stay; null if there is none
     */
    public static PciAllocation toObject(DiscoveredServer server, @Nullable PciAllocation existing) {
        PciAllocation object = new PciAllocation();
        object.setMetadata((existing == null
                        ? new ObjectMetaBuilder()
                                .withName(
                                        DiscoveryMetadata.nameFor(server.uuid().toString()))
                        : new ObjectMetaBuilder(existing.getMetadata()))
                .addToLabels(DiscoveryMetadata.LABEL, "true")
                .addToAnnotations(DiscoveryMetadata.SERVER_NAME, server.name())
                .build());
        object.setSpec(new PciAllocationSpec(
                existing == null
                        ? new PciAllocationSpec.Consumer(
                                server.uuid().toString(),
                                null,
                                server.projectId(),
                                server.userId(),
                                PciAllocationSpec.ManagedBy.EXTERNAL)
                        : existing.getSpec().consumer(),
                server.devices().stream()
                        .map(device -> new PciAllocationSpec.DeviceRef(
                                device.node(), device.address().toString()))
                        .toList(),
                null,
                null,
                null,
                null,
                null));
        return object;
    }
}
