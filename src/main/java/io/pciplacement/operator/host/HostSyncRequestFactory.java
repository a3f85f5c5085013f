package io.pciplacement.operator.host;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.mapping.HostSyncRequestMapper;
import io.pciplacement.mapping.RecordedAllocations;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.status.StatusPatcher;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.sync.host.HostSyncRequest;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.index.AllocationIndex;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Factory of the sync requests of hosts from the cached objects and the allocation index. */
@ApplicationScoped
public class HostSyncRequestFactory {

    private final ClusterCache cluster;
    private final AllocationIndex index;
    private final StatusPatcher statusPatcher;

    public HostSyncRequestFactory(ClusterCache cluster, AllocationIndex index, StatusPatcher statusPatcher) {
        this.cluster = cluster;
        this.index = index;
        this.statusPatcher = statusPatcher;
    }

    /** The device specs whose node selectors match a node. */
    List<PciDeviceSpec> specsSelecting(String node) {
        return cluster.findNodeLabels(node)
                .map(labels -> cluster.listSpecs()
                        .filter(spec -> spec.getMetadata().getDeletionTimestamp() == null)
                        .filter(spec -> cluster.parsedSpec(spec).nodeSelector().matches(labels))
                        .toList())
                .orElse(List.of());
    }

    HostSyncRequest createRequest(HostPciInventory host, HostDevices devices, List<PciDeviceSpec> specs) {
        return HostSyncRequestMapper.toSyncRequest(
                host,
                cluster.hasNode(host.getMetadata().getName()),
                devices,
                specs.stream().map(cluster::parsedSpec).toList(),
                index.allocatedDevicesOn(host.getMetadata().getName()),
                new RecordedAllocations(
                        host, devices, () -> allocationsOn(host.getMetadata().getName())),
                new HostReservationStore(host, statusPatcher));
    }

    private Stream<PciAllocation> allocationsOn(String node) {
        return index.namesOnHost(node).stream().flatMap(name -> cluster.findAllocation(name).stream());
    }

    /** Request that removes the unused providers of a deleted host. */
    HostSyncRequest createRemovalRequest(HostPciInventory host) {
        return HostSyncRequestMapper.toRemovalRequest(
                host,
                index.allocatedDevicesOn(host.getMetadata().getName()),
                new HostReservationStore(host, statusPatcher));
    }

    /** The conflict if an older host uses the root provider of this one. */
    Optional<HostSyncResult> findRootConflict(HostPciInventory host) {
        String root = host.rootProviderName();
        return cluster.findRootOwner(root)
                .map(owner -> owner.getMetadata().getName())
                .filter(owner -> !owner.equals(host.getMetadata().getName()))
                .map(owner -> new HostSyncResult.RootConflict(root, owner));
    }
}
