package io.pciplacement.operator.allocation;

import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationStatus;
import io.pciplacement.mapping.AllocationPreconditions;
import io.pciplacement.mapping.AttachedUnits;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.event.AllocationEventSource;
import io.pciplacement.operator.event.HostEventSource;
import io.pciplacement.operator.status.StatusPatcher;
import io.pciplacement.pci.ParseResult;
import io.pciplacement.planning.allocation.AllocationDecision;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.claim.Claim;
import io.pciplacement.planning.claim.DeviceAssignment;
import io.pciplacement.sync.AllocationRecordStore;
import io.pciplacement.sync.AllocationSyncRequest;
import io.pciplacement.sync.AllocationSyncResult;
import io.pciplacement.sync.ClaimRequest;
import io.pciplacement.sync.ClaimResult;
import io.pciplacement.sync.PlacementSync;
import io.pciplacement.sync.index.AllocationIndex;
import io.pciplacement.sync.index.AllocationIndex.PendingClaim;
import io.pciplacement.sync.state.PlacementState;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Processor of one PciAllocation: allocates the listed devices in Placement, or claims devices for its requests. */
@ApplicationScoped
public class AllocationProcessor {

    private final ClusterCache cluster;
    private final AllocationIndex index;
    private final PlacementSync placement;
    private final AllocationEventSource allocationEventSource;
    private final HostEventSource hostEventSource;
    private final StatusPatcher statusPatcher;

    public AllocationProcessor(
            ClusterCache cluster,
            AllocationIndex index,
            PlacementSync placement,
            AllocationEventSource allocationEventSource,
            HostEventSource hostEventSource,
            StatusPatcher statusPatcher) {
        this.cluster = cluster;
        this.index = index;
        this.placement = placement;
        this.allocationEventSource = allocationEventSource;
        this.hostEventSource = hostEventSource;
        this.statusPatcher = statusPatcher;
    }

    /**
     * Result for the devices that the object has now.
     *
     * @param grantedGeneration generation of the object whose requests the devices were assigned to; null if the object
     *     lists its devices or has none
     * @param record amounts that were written for the object
     */
    record Result(
            DesiredAllocation desired,
            AllocationSyncResult syncResult,
            List<PciAllocationStatus.AllocatedDevice> devices,
            @Nullable Long grantedGeneration,
            AllocationRecord record) {

        Result {
            devices = List.copyOf(devices);
        }
    }

    Result process(PciAllocation object) {
        AllocationRecordStore records = new StatusRecordStore(object, index, statusPatcher);
        Evaluation evaluation = evaluate(object, records);
        if (evaluation.syncResult() instanceof AllocationSyncResult.Evaluated evaluated) {
            evaluated.newRecord().ifPresent(records::keepInMemory);
        }
        return new Result(
                evaluation.desired(),
                evaluation.syncResult(),
                evaluation.devices(),
                evaluation.grantedGeneration(),
                records.currentRecord());
    }

    /** A result without the record. */
    private record Evaluation(
            DesiredAllocation desired,
            AllocationSyncResult syncResult,
            List<PciAllocationStatus.AllocatedDevice> devices,
            @Nullable Long grantedGeneration) {}

    private Evaluation evaluate(PciAllocation object, AllocationRecordStore records) {
        DesiredAllocation desired = PciAllocationMapper.toDesiredAllocation(object);
        Optional<AllocationProblem> problem = AllocationPreconditions.findViolation(
                object, desired, index, records.currentRecord(), cluster::sightingsOf);
        if (problem.isPresent()) {
            setPending(desired.name(), null);
            return new Evaluation(
                    desired, blockedBy(problem.get()), rejectedDevices(object, desired), grantedGeneration(object));
        }
        if (object.getSpec().requests() == null) {
            setPending(desired.name(), null);
            return new Evaluation(
                    desired,
                    placement.syncAllocation(syncRequest(object, desired, records)),
                    ownDevices(desired),
                    null);
        }
        return evaluateRequests(object, records);
    }

    private void setPending(String name, @Nullable PendingClaim now) {
        allocationEventSource.triggerAll(index.setPending(name, now));
    }

    /** Keeps the assigned devices until the requests change; claims devices if there are none for this generation. */
    private Evaluation evaluateRequests(PciAllocation object, AllocationRecordStore records) {
        String name = object.getMetadata().getName();
        DesiredAllocation desired =
                index.findAllocation(name).orElseGet(() -> PciAllocationMapper.toDesiredAllocation(object));
        Long assignedGeneration = grantedGeneration(object);
        boolean upToDate =
                Objects.equals(assignedGeneration, object.getMetadata().getGeneration());
        List<PciAllocationStatus.AllocatedDevice> devices = allocatedDevices(object);
        if (upToDate && !desired.devices().isEmpty()) {
            return new Evaluation(
                    desired,
                    placement.syncAllocation(syncRequest(object, desired, records)),
                    devices,
                    assignedGeneration);
        }
        return switch (placement.placementState()) {
            case PlacementState.Connecting w ->
                new Evaluation(desired, new AllocationSyncResult.Deferred(), devices, assignedGeneration);
            case PlacementState.Unavailable unavailable ->
                new Evaluation(
                        desired,
                        new AllocationSyncResult.PlacementUnavailable(unavailable, false),
                        devices,
                        assignedGeneration);
            case PlacementState.Available available ->
                switch (PciAllocationMapper.toClaim(object, available.names())) {
                    case ParseResult.Failure<Claim>(String field, String message) -> {
                        setPending(name, null);
                        yield new Evaluation(
                                desired,
                                blockedBy(new AllocationProblem.InvalidRequest(field, message)),
                                devices,
                                assignedGeneration);
                    }
                    case ParseResult.Success<Claim>(Claim claim) -> claimDevices(object, claim, records);
                };
        };
    }

    /** From the index; from the status only after a restart, since the status may lag behind the index. */
    private @Nullable Long grantedGeneration(PciAllocation object) {
        if (object.getSpec().requests() == null) {
            return null;
        }
        PciAllocationStatus status = object.getStatus();
        return index.findGrant(object.getMetadata().getName())
                .map(AllocationIndex.DeviceGrant::generation)
                .orElse(status == null ? null : status.grantedGeneration());
    }

    private Evaluation claimDevices(PciAllocation object, Claim claim, AllocationRecordStore records) {
        ClaimResult claimResult = placement.executeClaim(new ClaimRequest(
                claim,
                object.getMetadata().getUid(),
                object.getMetadata().getGeneration(),
                index,
                records,
                cluster::reportedNodes));
        allocationEventSource.triggerAffected(claimResult.affected(), hostEventSource);
        DesiredAllocation desired =
                index.findAllocation(claim.name()).orElseGet(() -> PciAllocationMapper.toDesiredAllocation(object));
        return new Evaluation(desired, claimResult.syncResult(), allocatedDevices(object), grantedGeneration(object));
    }

    private BooleanSupplier existenceCheck(PciAllocation object) {
        String uid = object.getMetadata().getUid();
        return () -> !index.isReleasing(uid);
    }

    private List<PciAllocationStatus.AllocatedDevice> allocatedDevices(PciAllocation object) {
        List<DeviceAssignment> assignments = index.findGrant(
                        object.getMetadata().getName())
                .map(AllocationIndex.DeviceGrant::grants)
                .orElse(List.of());
        PciAllocationStatus status = object.getStatus();
        if (assignments.isEmpty() && status != null && status.devices() != null) {
            return status.devices();
        }
        return assignments.stream()
                .map(assignment -> new PciAllocationStatus.AllocatedDevice(
                        assignment.device().node(),
                        assignment.device().address().toString(),
                        assignment.requestName()))
                .toList();
    }

    /** The devices of a rejected object; devices assigned to requests keep the names of the requests. */
    private List<PciAllocationStatus.AllocatedDevice> rejectedDevices(PciAllocation object, DesiredAllocation desired) {
        return object.getSpec().requests() == null ? ownDevices(desired) : allocatedDevices(object);
    }

    private AllocationSyncRequest syncRequest(
            PciAllocation object, DesiredAllocation desired, AllocationRecordStore records) {
        return new AllocationSyncRequest(
                desired,
                existenceCheck(object),
                cluster::hasHost,
                index.olderHolders(desired),
                index::hasAllocationFor,
                server -> AttachedUnits.countByProvider(
                        cluster.sightingsOf(server), cluster::findHost, cluster::publishedDevices),
                PciAllocationMapper.acceptanceOf(object),
                index.isContested(desired),
                records);
    }

    private static AllocationSyncResult.Evaluated blockedBy(AllocationProblem problem) {
        return new AllocationSyncResult.Evaluated(new AllocationDecision.Blocked(problem), false);
    }

    private static List<PciAllocationStatus.AllocatedDevice> ownDevices(DesiredAllocation desired) {
        return desired.currentDevices().stream()
                .map(device -> new PciAllocationStatus.AllocatedDevice(
                        device.node(), device.address().toString(), null))
                .toList();
    }
}
