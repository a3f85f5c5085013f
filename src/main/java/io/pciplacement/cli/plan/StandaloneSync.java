package io.pciplacement.cli.plan;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.mapping.AllocationPreconditions;
import io.pciplacement.mapping.AttachedUnits;
import io.pciplacement.mapping.AttachmentMapper;
import io.pciplacement.mapping.DeviceListMapper;
import io.pciplacement.mapping.HostSyncRequestMapper;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.mapping.PciDeviceSpecMapper;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.planning.allocation.AllocationDecision;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.DeviceRef;
import io.pciplacement.planning.attachment.ServerSighting;
import io.pciplacement.sync.AllocationRecordStore;
import io.pciplacement.sync.AllocationSyncRequest;
import io.pciplacement.sync.AllocationSyncResult;
import io.pciplacement.sync.PlacementSync;
import io.pciplacement.sync.host.HostRecord;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.index.AllocationIndex;
import io.pciplacement.sync.reservation.ReservationRecordStore;
import io.pciplacement.sync.state.PlacementState;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;

/**
 * The operator's planning and synchronization for the command, without a running operator, on a cluster at one point in
 * time. It writes only in {@link #syncAllocation} and {@link #reserveFully}.
 */
public final class StandaloneSync {

    private final Map<String, HostPciInventory> hosts = new HashMap<>();
    private final Map<String, Map<String, String>> nodeLabels;
    private final List<DeviceSpec> specs;
    private final AllocationIndex allocationIndex = new AllocationIndex();
    private final PlacementSync placement;

    /**
     * Connects to Placement; {@link #connect} returns the result.
     *
     * @param nodeLabels labels by node name
     * @param ownershipTraits traits according to the operator's settings
     */
    public StandaloneSync(
            Collection<HostPciInventory> hosts,
            Map<String, Map<String, String>> nodeLabels,
            Collection<PciDeviceSpec> specs,
            Collection<PciAllocation> allocations,
            PlacementClient placement,
            OwnershipTraits ownershipTraits) {
        hosts.forEach(host -> this.hosts.put(host.getMetadata().getName(), host));
        this.nodeLabels = Map.copyOf(nodeLabels);
        this.specs = specs.stream().map(PciDeviceSpecMapper::toDeviceSpec).toList();
        allocations.forEach(object -> {
            allocationIndex.putAllocation(PciAllocationMapper.toDesiredAllocation(object));
            allocationIndex.registerObject(
                    object.getMetadata().getName(),
                    Objects.requireNonNullElse(object.getMetadata().getUid(), ""),
                    PciAllocationMapper.rejectionReason(object),
                    PciAllocationMapper.hasAmounts(object));
        });
        this.placement = new PlacementSync(placement, ownershipTraits, Executors.newVirtualThreadPerTaskExecutor());
        connect();
    }

    /** Connects to Placement unless it is connected already; returns the state of the connection. */
    public PlacementState connect() {
        placement.runSweep();
        return placement.placementState();
    }

    /** Specs whose node selector matches a node. */
    public List<DeviceSpec> specsForNode(String node) {
        Map<String, String> labels = nodeLabels.get(node);
        return labels == null
                ? List.of()
                : specs.stream()
                        .filter(spec -> spec.nodeSelector().matches(labels))
                        .toList();
    }

    public static HostDevices devicesOfHost(HostPciInventory host) {
        return host.getStatus() == null
                ? HostDevices.NONE
                : DeviceListMapper.toHostDevices(host.getStatus().devices());
    }

    /** Plans the changes for a host without writing them. */
    public HostSyncResult planHost(HostPciInventory host) {
        String node = host.getMetadata().getName();
        return placement.planHost(HostSyncRequestMapper.toSyncRequest(
                host,
                nodeLabels.containsKey(node),
                devicesOfHost(host),
                specsForNode(node),
                allocationIndex.allocatedDevicesOn(node),
                HostRecord.Allocations.NONE,
                ReservationRecordStore.READ_ONLY));
    }

    /** The operator's providers below a root in Placement, by name; only for hosts that were planned before. */
    public Map<String, ObservedProvider> observedProviders(UUID root) {
        return placement.providersBelow(root);
    }

    /** Syncs the allocation of one PciAllocation to Placement; its hosts must have been planned before. */
    public AllocationSyncResult syncAllocation(PciAllocation object) {
        DesiredAllocation desired = PciAllocationMapper.toDesiredAllocation(object);
        AllocationRecord record = PciAllocationMapper.toAllocationRecord(object);
        Optional<AllocationProblem> problem =
                AllocationPreconditions.findViolation(object, desired, allocationIndex, record, this::sightingsOf);
        return problem.isPresent()
                ? new AllocationSyncResult.Evaluated(new AllocationDecision.Blocked(problem.get()), false)
                : placement.syncAllocation(new AllocationSyncRequest(
                        desired,
                        () -> true,
                        hosts::containsKey,
                        allocationIndex.olderHolders(desired),
                        allocationIndex::hasAllocationFor,
                        server -> AttachedUnits.countByProvider(
                                sightingsOf(server),
                                node -> Optional.ofNullable(hosts.get(node)),
                                StandaloneSync::devicesOfHost),
                        PciAllocationMapper.acceptanceOf(object),
                        allocationIndex.isContested(desired),
                        AllocationRecordStore.readOnly(record)));
    }

    /**
     * Reserves the one-time-use providers among these fully, so that a used device is not allocated again.
     *
     * @return whether any of them was not reserved before
     */
    public boolean reserveFully(Set<UUID> providers) {
        return placement.reserveFully(providers);
    }

    private List<ServerSighting> sightingsOf(UUID server) {
        return hosts.values().stream()
                .flatMap(host -> AttachmentMapper.findSighting(host, server).stream())
                .toList();
    }

    /** Whether a consumer has a PciAllocation. */
    public boolean hasAllocationFor(UUID consumer) {
        return allocationIndex.hasAllocationFor(consumer);
    }

    public Optional<DesiredAllocation> findHolder(DeviceRef device) {
        return allocationIndex.findHolder(device);
    }
}
