package io.pciplacement.mapping;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.AllocationState;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.AllocationStatus;
import io.pciplacement.pci.AttachedServer;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.ProviderName;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.sync.host.HostRecord;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Allocations of a host's providers that are known without reading Placement: those in the statuses of PciAllocations,
 * those without a PciAllocation in the status of the host, and the devices of servers that libvirt lists.
 */
public final class RecordedAllocations implements HostRecord.Allocations {

    private final HostPciInventory host;
    private final HostDevices devices;
    private final Supplier<Stream<PciAllocation>> objects;

    /** By the name of the provider. */
    private final Map<String, Map<UUID, Map<ResourceClass, Integer>>> byProvider = new HashMap<>();

    private final Set<UUID> consumers = new HashSet<>();
    private boolean collected;

    /** @param objects the PciAllocations with devices of the host; called at most once, and only if it is needed */
    public RecordedAllocations(HostPciInventory host, HostDevices devices, Supplier<Stream<PciAllocation>> objects) {
        this.host = host;
        this.devices = devices;
        this.objects = objects;
    }

    @Override
    public Map<UUID, Map<ResourceClass, Integer>> ofProvider(ResourceProvider provider) {
        if (!collected) {
            collect();
            collected = true;
        }
        return byProvider.getOrDefault(provider.name(), Map.of());
    }

    private void collect() {
        objects.get()
                .flatMap(RecordedAllocations::allocatedAmounts)
                .forEach(row -> addAmount(row.provider(), row.consumerUuid(), row.resourceClass(), row.amount()));
        HostPciInventoryStatus status = host.getStatus();
        if (status != null && status.unaccountedAllocations() != null) {
            status.unaccountedAllocations()
                    .forEach(row -> addAmount(row.provider(), row.consumerUuid(), row.resourceClass(), row.amount()));
        }
        AttachmentMapper.toAttachments(host).servers().stream()
                .filter(server -> !consumers.contains(server.uuid()))
                .forEach(this::addServer);
    }

    private static Stream<AllocationStatus> allocatedAmounts(PciAllocation object) {
        return object.getStatus() == null || object.getStatus().allocations() == null
                ? Stream.of()
                : object.getStatus().allocations().stream()
                        .filter(row -> row.state() == AllocationState.IN_SYNC || row.state() == AllocationState.HEALED);
    }

    private void addAmount(String provider, String consumerUuid, String resourceClass, int amount) {
        UUID consumer = HostStatusReader.parseUuid(consumerUuid);
        if (consumer != null) {
            consumers.add(consumer);
            amountsOf(provider, consumer).put(new ResourceClass(resourceClass), amount);
        }
    }

    private void addServer(AttachedServer server) {
        for (PciAddress address : server.devices().keySet()) {
            String name = new ProviderName(host.rootProviderName(), devices.providerAddressOf(address)).toString();
            HostStatusReader.providerRows(host).stream()
                    .filter(row -> row.name().equals(name))
                    .map(ProviderStatus::resourceClass)
                    .filter(Objects::nonNull)
                    .forEach(resourceClass ->
                            amountsOf(name, server.uuid()).merge(new ResourceClass(resourceClass), 1, Integer::sum));
        }
    }

    private Map<ResourceClass, Integer> amountsOf(String provider, UUID consumer) {
        return byProvider
                .computeIfAbsent(provider, name -> new HashMap<>())
                .computeIfAbsent(consumer, uuid -> new HashMap<>());
    }
}
