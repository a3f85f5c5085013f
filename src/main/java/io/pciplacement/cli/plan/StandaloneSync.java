package io.pciplacement.cli.plan;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
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
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.DeviceRef;
import io.pciplacement.sync.AllocationRecordStore;
import io.pciplacement.sync.AllocationSyncRequest;
import io.pciplacement.sync.AllocationSyncResult;
import io.pciplacement.sync.HostSyncResult;
import io.pciplacement.sync.PlacementState;
import io.pciplacement.sync.PlacementSync;
import io.pciplacement.sync.index.AllocationIndex;
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
 * The operator's own judgement of a cluster as it is at one moment, for who wants to know it without an operator: the
 * command. It writes allocations only, and only when told to hold one.
 */
public final class StandaloneSync {

    private final Map<String, HostPciInventory> hosts = new HashMap<>();
    private final Map<String, Map<String, String>> labels;
    private final List<DeviceSpec> specs;
    private final AllocationIndex book = new AllocationIndex();
    private final PlacementSync placement;

    /**
     * Connects to Placement; whether that went well is told by the link.
     *
     * @param labels the nodes' labels, by name
     * @param marks as the operator has them by its settings
     */
    public StandaloneSync(
            Collection<HostPciInventory> hosts,
            Map<String, Map<String, String>> labels,
            Collection<PciDeviceSpec> specs,
            Collection<PciAllocation> allocations,
            PlacementClient placement,
            OwnershipTraits marks) {
        hosts.forEach(host -> this.hosts.put(host.getMetadata().getName(), host));
        this.labels = Map.copyOf(labels);
        this.specs = specs.stream().map(PciDeviceSpecMapper::toDeviceSpec).toList();
        allocations.forEach(object -> {
            book.putAllocation(PciAllocationMapper.toDesiredAllocation(object));
            book.registerObject(
                    object.getMetadata().getName(),
                    Objects.requireNonNullElse(object.getMetadata().getUid(), ""),
                    PciAllocationMapper.rejectionReason(object),
                    PciAllocationMapper.hasAmounts(object));
        });
        this.placement = new PlacementSync(placement, marks, Executors.newVirtualThreadPerTaskExecutor());
        connect();
    }

    /** Tries again where Placement could not be used; returns how it stands. */
    public PlacementState connect() {
        placement.runSweep();
        return placement.placementState();
    }

    /** The specs that are for a node. */
    public List<DeviceSpec> specsFor(String node) {
        Map<String, String> known = labels.get(node);
        return known == null
                ? List.of()
                : specs.stream()
                        .filter(spec -> spec.nodeSelector().matches(known))
                        .toList();
    }

    public static HostDevices devices(HostPciInventory host) {
        return host.getStatus() == null
                ? HostDevices.NONE
                : DeviceListMapper.toHostDevices(host.getStatus().devices());
    }

    /** What the operator would do for a host; nothing of it is done. */
    public HostSyncResult look(HostPciInventory host) {
        String node = host.getMetadata().getName();
        return placement.planHost(HostSyncRequestMapper.toSyncRequest(
                host, labels.containsKey(node), devices(host), specsFor(node), book.allocatedDevicesOn(node)));
    }

    /** What Placement has of ours below a root, by name; of hosts that were looked at. */
    public Map<String, ObservedProvider> views(UUID root) {
        return placement.providersBelow(root);
    }

    /** Makes Placement right for one object, by the client that was given; the hosts must have been looked at. */
    public AllocationSyncResult hold(PciAllocation object) {
        DesiredAllocation holding = PciAllocationMapper.toDesiredAllocation(object);
        Optional<AllocationProblem> problem =
                PciAllocationMapper.findInvalidDevice(object).or(() -> book.findDuplicateConsumer(holding));
        return problem.isPresent()
                ? new AllocationSyncResult.Evaluated(new AllocationDecision.Blocked(problem.get()), false)
                : placement.syncAllocation(new AllocationSyncRequest(
                        holding,
                        () -> true,
                        hosts::containsKey,
                        book.olderHolders(holding),
                        book::hasAllocationFor,
                        PciAllocationMapper.isAccepted(object),
                        AllocationRecordStore.readOnly(PciAllocationMapper.toAllocationRecord(object))));
    }

    /**
     * Keeps back those providers that are for one use, so that nobody gets what was used once.
     *
     * @return whether something was not kept back before
     */
    public boolean keepBack(Set<UUID> providers) {
        return placement.reserveFully(providers);
    }

    /** Whether a PciAllocation is for a consumer. */
    public boolean explains(UUID consumer) {
        return book.hasAllocationFor(consumer);
    }

    public Optional<DesiredAllocation> holder(DeviceRef device) {
        return book.findHolder(device);
    }
}
