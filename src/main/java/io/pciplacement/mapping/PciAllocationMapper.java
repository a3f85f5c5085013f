package io.pciplacement.mapping;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec;
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
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.Move;
import io.pciplacement.planning.allocation.PlacementConsumer;
import io.pciplacement.planning.claim.Claim;
import io.pciplacement.planning.claim.DeviceRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads PciAllocations as planning sees them. */
public final class PciAllocationMapper {

    private PciAllocationMapper() {}

    /** What the object says that its consumer has: the devices it names, or those that were granted to its requests. */
    public static DesiredAllocation holding(PciAllocation object) {
        PciAllocationSpec.Consumer consumer = object.getSpec().consumer();
        return new DesiredAllocation(
                object.getMetadata().getName(),
                Objects.requireNonNullElse(object.getMetadata().getCreationTimestamp(), ""),
                new PlacementConsumer(
                        UUID.fromString(consumer.uuid()),
                        Objects.requireNonNullElse(consumer.type(), "INSTANCE"),
                        consumer.projectId(),
                        consumer.userId(),
                        !managed(object)),
                devices(refs(object)),
                move(object));
    }

    private static List<io.pciplacement.planning.allocation.DeviceRef> devices(Stream<DeviceRef> refs) {
        return refs.flatMap(ref -> PciAddress.parse(ref.address()).stream()
                        .map(address -> new io.pciplacement.planning.allocation.DeviceRef(ref.node(), address)))
                .toList();
    }

    private static @Nullable Move move(PciAllocation object) {
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
        return new Move(kind, UUID.fromString(move.migrationUuid()), phase, devices(sources(object)));
    }

    private static Stream<DeviceRef> sources(PciAllocation object) {
        PciAllocationSpec.Move move = object.getSpec().move();
        return move == null ? Stream.of() : move.sourceDevices().stream();
    }

    /** Whether the Operator makes and releases the consumer's allocation. */
    public static boolean managed(PciAllocation object) {
        return object.getSpec().consumer().managedBy() == ManagedBy.OPERATOR;
    }

    /** What of the object cannot be followed, whatever the hosts are like. */
    public static Optional<AllocationProblem> problem(PciAllocation object) {
        return Stream.concat(refs(object), sources(object))
                .filter(ref -> PciAddress.parse(ref.address()).isEmpty())
                .<AllocationProblem>map(ref -> new AllocationProblem.InvalidDevice(ref.node(), ref.address()))
                .findFirst();
    }

    /** What the object's requests ask for, in the words of the Placement with these standard names. */
    public static ParseResult<Claim> claim(PciAllocation object, NameNormalizer names) {
        PciAllocationSpec spec = object.getSpec();
        List<DeviceRequest> wishes = new ArrayList<>();
        for (Request request : Objects.requireNonNullElse(spec.requests(), List.<Request>of())) {
            switch (DeviceRequestMapper.read(request, names)) {
                case Success<DeviceRequest>(DeviceRequest wish) -> wishes.add(wish);
                case Failure<DeviceRequest>(String field, String message) -> {
                    return new Failure<>(request.name() + "." + field, message);
                }
            }
        }
        DesiredAllocation holding = holding(object);
        return new Success<>(new Claim(
                holding.name(),
                holding.createdAt(),
                holding.consumer(),
                wishes,
                spec.groupPolicy() == PciAllocationSpec.GroupPolicy.ISOLATE,
                Set.copyOf(Objects.requireNonNullElse(spec.numaNodes(), List.of())),
                spec.nodeName()));
    }

    /**
     * What the object has written to Placement, as its status says. Where that does not tell how much of an amount, as
     * before 0.4, all of it was.
     */
    public static AllocationRecord record(PciAllocation object) {
        PciAllocationStatus status = object.getStatus();
        List<AllocationStatus> rows = status == null ? null : status.allocations();
        if (rows == null || !managed(object)) {
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

    /** Whether Placement has been given, or had, what the object says. */
    public static boolean hasAmounts(PciAllocation object) {
        PciAllocationStatus status = object.getStatus();
        return status != null
                && status.allocations() != null
                && !status.allocations().isEmpty();
    }

    /**
     * The reason for which the object in its present generation is not accepted; empty where it is, or nobody knows.
     */
    public static Optional<String> refusal(PciAllocation object) {
        return accepted(object, "False").map(Condition::getReason);
    }

    /** Whether the object was accepted as it is now. */
    public static boolean isAccepted(PciAllocation object) {
        return accepted(object, "True").isPresent();
    }

    private static Optional<Condition> accepted(PciAllocation object, String value) {
        PciAllocationStatus status = object.getStatus();
        if (status == null
                || status.conditions() == null
                || !Objects.equals(
                        status.observedGeneration(), object.getMetadata().getGeneration())) {
            return Optional.empty();
        }
        return status.conditions().stream()
                .filter(condition -> condition.getType().equals(ConditionType.ACCEPTED))
                .filter(condition -> condition.getStatus().equals(value))
                .findFirst();
    }

    /** How many devices the object's requests are for; 0 where it names its devices. */
    public static int requested(PciAllocation object) {
        return Objects.requireNonNullElse(object.getSpec().requests(), List.<Request>of()).stream()
                .mapToInt(request -> Objects.requireNonNullElse(request.count(), 1))
                .sum();
    }

    private static Stream<DeviceRef> refs(PciAllocation object) {
        List<DeviceRef> named = object.getSpec().devices();
        if (named != null) {
            return named.stream();
        }
        PciAllocationStatus status = object.getStatus();
        List<PciAllocationStatus.AllocatedDevice> granted = status == null ? null : status.devices();
        return granted == null
                ? Stream.of()
                : granted.stream().map(device -> new DeviceRef(device.node(), device.address()));
    }
}
