package io.pciplacement.mapping;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.Conditions;
import io.pciplacement.api.v1alpha1.DiscoveryMetadata;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.Constraint;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.DeviceRef;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.ManagedBy;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.Request;
import io.pciplacement.api.v1alpha1.PciAllocationStatus;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.AllocationStatus;
import io.pciplacement.pci.ParseResult;
import io.pciplacement.pci.ParseResult.Failure;
import io.pciplacement.pci.ParseResult.Success;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.NameNormalizer;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.admission.MoveChange;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.AllocationProblemReason;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.Move;
import io.pciplacement.planning.allocation.PlacementConsumer;
import io.pciplacement.planning.claim.Claim;
import io.pciplacement.planning.claim.DeviceConstraint;
import io.pciplacement.planning.claim.DeviceRequest;
import io.pciplacement.sync.AllocationSyncRequest.Acceptance;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Mapper from PciAllocations to the values of planning. */
public final class PciAllocationMapper {

    private PciAllocationMapper() {}

    /** The allocation that the object describes: its named devices, or those that were assigned to its requests. */
    public static DesiredAllocation toDesiredAllocation(PciAllocation object) {
        PciAllocationSpec.Consumer consumer = object.getSpec().consumer();
        return new DesiredAllocation(
                object.getMetadata().getName(),
                Objects.requireNonNullElse(object.getMetadata().getCreationTimestamp(), ""),
                new PlacementConsumer(
                        UUID.fromString(consumer.uuid()),
                        Objects.requireNonNullElse(consumer.type(), "INSTANCE"),
                        consumer.projectId(),
                        consumer.userId(),
                        !isOperatorManaged(object)),
                toDeviceRefs(deviceRefs(object)),
                toMove(object),
                DiscoveryMetadata.isDiscovered(object));
    }

    private static List<io.pciplacement.planning.allocation.DeviceRef> toDeviceRefs(Stream<DeviceRef> refs) {
        return refs.flatMap(ref -> PciAddress.parse(ref.address()).stream()
                        .map(address -> new io.pciplacement.planning.allocation.DeviceRef(ref.node(), address)))
                .toList();
    }

    private static @Nullable Move toMove(PciAllocation object) {
        PciAllocationSpec.Move move = object.getSpec().move();
        if (move == null) {
            return null;
        }
        Move.Kind kind = switch (move.type()) {
            case COLD_MIGRATION -> Move.Kind.COLD_MIGRATION;
            case RESIZE -> Move.Kind.RESIZE;
            case LIVE_MIGRATION -> Move.Kind.LIVE_MIGRATION;
            case EVACUATION -> Move.Kind.EVACUATION;
        };
        Move.Phase phase = switch (move.phase()) {
            case MOVING -> Move.Phase.MOVING;
            case CONFIRM -> Move.Phase.CONFIRM;
            case REVERT -> Move.Phase.REVERT;
        };
        return new Move(kind, UUID.fromString(move.migrationUuid()), phase, toDeviceRefs(sourceDevices(object)));
    }

    /** The allocation with the devices that the spec lists, without devices that were assigned to requests. */
    public static DesiredAllocation toListedAllocation(PciAllocation object) {
        List<DeviceRef> listed = Objects.requireNonNullElse(object.getSpec().devices(), List.of());
        return toDesiredAllocation(object).withDevices(toDeviceRefs(listed.stream()));
    }

    /** How far the operator has executed the object's move, according to the object's status. */
    public static MoveChange.Progress moveProgress(PciAllocation object) {
        PciAllocationStatus status = object.getStatus();
        PciAllocationSpec.Move move = object.getSpec().move();
        if (status == null || move == null) {
            return MoveChange.Progress.IN_PROGRESS;
        }
        boolean migrationHasAmounts =
                Objects.requireNonNullElse(status.allocations(), List.<AllocationStatus>of()).stream()
                        .anyMatch(row -> row.consumerUuid().equals(move.migrationUuid()));
        if (!migrationHasAmounts && isRejectedBecauseOf(status, AllocationProblemReason.FOREIGN_MIGRATION)) {
            return MoveChange.Progress.NOT_STARTED;
        }
        if (!migrationHasAmounts && isRejectedBecauseOf(status, AllocationProblemReason.MOVE_SOURCE_MISMATCH)) {
            return MoveChange.Progress.SOURCE_MISMATCH;
        }
        return switch (status.phase()) {
            case CONFIRMED -> MoveChange.Progress.CONFIRMED;
            case REVERTED -> MoveChange.Progress.REVERTED;
            case null, default -> MoveChange.Progress.IN_PROGRESS;
        };
    }

    private static boolean isRejectedBecauseOf(PciAllocationStatus status, AllocationProblemReason reason) {
        return Conditions.find(status.conditions(), ConditionType.ACCEPTED)
                .filter(condition -> condition.getReason().equals(reason.value()))
                .isPresent();
    }

    private static Stream<DeviceRef> sourceDevices(PciAllocation object) {
        PciAllocationSpec.Move move = object.getSpec().move();
        return move == null ? Stream.of() : move.sourceDevices().stream();
    }

    /** Whether the operator creates and releases the consumer's allocation ({@code managedBy: Operator}). */
    public static boolean isOperatorManaged(PciAllocation object) {
        return object.getSpec().consumer().managedBy() == ManagedBy.OPERATOR;
    }

    /** A device of the object whose address is not valid on any host. */
    public static Optional<AllocationProblem> findInvalidDevice(PciAllocation object) {
        return Stream.concat(deviceRefs(object), sourceDevices(object))
                .filter(ref -> PciAddress.parse(ref.address()).isEmpty())
                .<AllocationProblem>map(ref -> new AllocationProblem.InvalidDevice(ref.node(), ref.address()))
                .findFirst();
    }

    /** The claim for the object's requests, with names normalized for Placement. */
    public static ParseResult<Claim> toClaim(PciAllocation object, NameNormalizer names) {
        PciAllocationSpec spec = object.getSpec();
        List<DeviceRequest> requests = new ArrayList<>();
        for (Request request : Objects.requireNonNullElse(spec.requests(), List.<Request>of())) {
            switch (DeviceRequestMapper.toDeviceRequest(request, names)) {
                case Success<DeviceRequest>(DeviceRequest deviceRequest) -> requests.add(deviceRequest);
                case Failure<DeviceRequest>(String field, String message) -> {
                    return new Failure<>(request.name() + "." + field, message);
                }
            }
        }
        DesiredAllocation desired = toDesiredAllocation(object);
        return new Success<>(new Claim(
                desired.name(),
                desired.createdAt(),
                desired.consumer(),
                requests,
                toConstraints(spec),
                spec.groupPolicy() == PciAllocationSpec.GroupPolicy.ISOLATE,
                Set.copyOf(Objects.requireNonNullElse(spec.numaNodes(), List.of())),
                spec.nodeName()));
    }

    /** The constraints between the devices of the object's requests, in the order of the spec. */
    public static List<DeviceConstraint> toConstraints(PciAllocationSpec spec) {
        return Objects.requireNonNullElse(spec.constraints(), List.<Constraint>of()).stream()
                .map(constraint -> new DeviceConstraint(
                        constraint.requests(),
                        switch (constraint.match()) {
                            case PCIE_ROOT -> DeviceConstraint.Attribute.PCIE_ROOT;
                            case PCIE_SWITCH -> DeviceConstraint.Attribute.PCIE_SWITCH;
                            case NUMA_NODE -> DeviceConstraint.Attribute.NUMA_NODE;
                            case CARD -> DeviceConstraint.Attribute.CARD;
                        }))
                .toList();
    }

    /**
     * The record in the object's status of what was written to Placement. A status from before 0.4 has no written
     * amounts; then the whole amount counts.
     */
    public static AllocationRecord toAllocationRecord(PciAllocation object) {
        PciAllocationStatus status = object.getStatus();
        List<AllocationStatus> rows = status == null ? null : status.allocations();
        if (rows == null || !isOperatorManaged(object)) {
            return AllocationRecord.NONE;
        }
        List<AllocationRecord.Entry> entries = new ArrayList<>();
        for (AllocationStatus row : rows) {
            int written = Objects.requireNonNullElse(row.written(), row.amount());
            if (row.providerUuid() != null && written > 0) {
                entries.add(new AllocationRecord.Entry(
                        UUID.fromString(row.consumerUuid()),
                        row.provider(),
                        UUID.fromString(row.providerUuid()),
                        new ResourceClass(row.resourceClass()),
                        row.amount(),
                        written));
            }
        }
        return new AllocationRecord(entries);
    }

    /** Whether the object has or had allocations in Placement, according to its status. */
    public static boolean hasAmounts(PciAllocation object) {
        PciAllocationStatus status = object.getStatus();
        return status != null
                && status.allocations() != null
                && !status.allocations().isEmpty();
    }

    /**
     * The reason why the current generation of the object is not accepted; empty if it is accepted or was not
     * evaluated.
     */
    public static Optional<String> rejectionReason(PciAllocation object) {
        return findAcceptedCondition(object)
                .filter(condition -> condition.getStatus().equals("False"))
                .map(Condition::getReason);
    }

    /** Result of the last evaluation of the object's current spec. */
    public static Acceptance acceptanceOf(PciAllocation object) {
        return switch (findAcceptedCondition(object).map(Condition::getStatus).orElse("")) {
            case "True" -> Acceptance.ACCEPTED;
            case "False" -> Acceptance.REJECTED;
            default -> Acceptance.UNKNOWN;
        };
    }

    private static Optional<Condition> findAcceptedCondition(PciAllocation object) {
        PciAllocationStatus status = object.getStatus();
        return status != null && describesCurrentSpec(status, object.getMetadata())
                ? Conditions.find(status.conditions(), ConditionType.ACCEPTED)
                : Optional.empty();
    }

    /** Whether a status is of the current spec. The deletion of an object increases its generation too. */
    private static boolean describesCurrentSpec(PciAllocationStatus status, ObjectMeta metadata) {
        Long observed = status.observedGeneration();
        Long generation = metadata.getGeneration();
        long deletions = metadata.getDeletionTimestamp() == null ? 0 : 1;
        return Objects.equals(observed, generation)
                || (observed != null && Objects.equals(observed + deletions, generation));
    }

    /** How many devices each request of the object requests, by its name; if two have one name, the last. */
    public static Map<String, Integer> requestedDeviceCounts(PciAllocation object) {
        Map<String, Integer> counts = new HashMap<>();
        Objects.requireNonNullElse(object.getSpec().requests(), List.<Request>of())
                .forEach(request -> counts.put(request.name(), Objects.requireNonNullElse(request.count(), 1)));
        return counts;
    }

    /** How many devices the object requests; 0 if it names its devices. */
    public static int requestedDeviceCount(PciAllocation object) {
        return Objects.requireNonNullElse(object.getSpec().requests(), List.<Request>of()).stream()
                .mapToInt(request -> Objects.requireNonNullElse(request.count(), 1))
                .sum();
    }

    private static Stream<DeviceRef> deviceRefs(PciAllocation object) {
        List<DeviceRef> named = object.getSpec().devices();
        if (named != null) {
            return named.stream();
        }
        PciAllocationStatus status = object.getStatus();
        List<PciAllocationStatus.AllocatedDevice> allocated = status == null ? null : status.devices();
        return allocated == null
                ? Stream.of()
                : allocated.stream().map(device -> new DeviceRef(device.node(), device.address()));
    }
}
