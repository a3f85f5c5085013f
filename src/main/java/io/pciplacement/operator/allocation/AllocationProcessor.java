package io.pciplacement.operator.allocation;

import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationStatus;
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
import io.pciplacement.sync.PlacementState;
import io.pciplacement.sync.PlacementSync;
import io.pciplacement.sync.index.AllocationIndex;
import io.pciplacement.sync.index.AllocationIndex.PendingClaim;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What is done for one PciAllocation: its devices are held, or some are claimed and then held. */
@ApplicationScoped
public class AllocationProcessor {

    private final ClusterCache cluster;
    private final AllocationIndex book;
    private final PlacementSync placement;
    private final AllocationEventSource triggers;
    private final HostEventSource hosts;
    private final StatusPatcher statuses;

    public AllocationProcessor(
            ClusterCache cluster,
            AllocationIndex book,
            PlacementSync placement,
            AllocationEventSource triggers,
            HostEventSource hosts,
            StatusPatcher statuses) {
        this.cluster = cluster;
        this.book = book;
        this.placement = placement;
        this.triggers = triggers;
        this.hosts = hosts;
        this.statuses = statuses;
    }

    /**
     * What came of it, for the devices that the object has now.
     *
     * @param grantedGeneration the generation of the object to whose requests they were granted, null where it names
     *     them itself or has none
     * @param record what the object has written
     */
    record Result(
            DesiredAllocation holding,
            AllocationSyncResult outcome,
            List<PciAllocationStatus.AllocatedDevice> devices,
            @Nullable Long grantedGeneration,
            AllocationRecord record) {

        Result {
            devices = List.copyOf(devices);
        }
    }

    Result on(PciAllocation object) {
        AllocationRecordStore records = new StatusRecordStore(object, book, statuses);
        AllocationProcessor.Evaluation judgement = judge(object, records);
        if (judgement.outcome() instanceof AllocationSyncResult.Evaluated judged) {
            judged.newRecord().ifPresent(records::keepInMemory);
        }
        return new Result(
                judgement.holding(),
                judgement.outcome(),
                judgement.devices(),
                judgement.grantedGeneration(),
                records.currentRecord());
    }

    /** A result before it is recorded. */
    private record Evaluation(
            DesiredAllocation holding,
            AllocationSyncResult outcome,
            List<PciAllocationStatus.AllocatedDevice> devices,
            @Nullable Long grantedGeneration) {}

    private AllocationProcessor.Evaluation judge(PciAllocation object, AllocationRecordStore records) {
        DesiredAllocation said = PciAllocationMapper.toDesiredAllocation(object);
        Optional<AllocationProblem> problem =
                PciAllocationMapper.findInvalidDevice(object).or(() -> book.findDuplicateConsumer(said));
        if (problem.isPresent()) {
            waits(said.name(), null);
            return new AllocationProcessor.Evaluation(
                    said, left(problem.get()), named(object, said), grantedGeneration(object));
        }
        if (object.getSpec().requests() == null) {
            waits(said.name(), null);
            return new AllocationProcessor.Evaluation(
                    said, placement.syncAllocation(request(object, said, records)), devices(said), null);
        }
        return requested(object, records);
    }

    private void waits(String name, @Nullable PendingClaim now) {
        triggers.wake(book.setPending(name, now));
    }

    /** What was granted stays granted until the requests change; before that, and after, it must be chosen. */
    private AllocationProcessor.Evaluation requested(PciAllocation object, AllocationRecordStore records) {
        String name = object.getMetadata().getName();
        DesiredAllocation holding =
                book.findAllocation(name).orElseGet(() -> PciAllocationMapper.toDesiredAllocation(object));
        Long grantedTo = grantedGeneration(object);
        boolean current = Objects.equals(grantedTo, object.getMetadata().getGeneration());
        List<PciAllocationStatus.AllocatedDevice> granted = granted(object);
        if (current && !holding.devices().isEmpty()) {
            return new AllocationProcessor.Evaluation(
                    holding, placement.syncAllocation(request(object, holding, records)), granted, grantedTo);
        }
        return switch (placement.placementState()) {
            case PlacementState.Connecting w ->
                new AllocationProcessor.Evaluation(holding, new AllocationSyncResult.Deferred(), granted, grantedTo);
            case PlacementState.Unavailable down ->
                new AllocationProcessor.Evaluation(
                        holding, new AllocationSyncResult.PlacementUnavailable(down, false), granted, grantedTo);
            case PlacementState.Available up ->
                switch (PciAllocationMapper.toClaim(object, up.names())) {
                    case ParseResult.Failure<Claim>(String field, String message) -> {
                        waits(name, null);
                        yield new AllocationProcessor.Evaluation(
                                holding,
                                left(new AllocationProblem.InvalidRequest(field, message)),
                                granted,
                                grantedTo);
                    }
                    case ParseResult.Success<Claim>(Claim claim) -> claim(object, claim, records);
                };
        };
    }

    /** What the status says counts only after a restart; until then the book knows better. */
    private @Nullable Long grantedGeneration(PciAllocation object) {
        if (object.getSpec().requests() == null) {
            return null;
        }
        PciAllocationStatus status = object.getStatus();
        return book.findGrant(object.getMetadata().getName())
                .map(AllocationIndex.DeviceGrant::generation)
                .orElse(status == null ? null : status.grantedGeneration());
    }

    private AllocationProcessor.Evaluation claim(PciAllocation object, Claim claim, AllocationRecordStore records) {
        AtomicReference<Claim> narrowed = new AtomicReference<>(claim);
        long frees = book.capacityRevision();
        long turns = book.claimRevision();
        AllocationSyncResult outcome = placement.executeClaim(new ClaimRequest(
                claim,
                there(object),
                () -> book.olderClaims(claim),
                node -> book.devicesHeldByOthers(node, claim.name()),
                grants -> triggers.wake(
                        book.recordGrant(
                                claim.granted(grants),
                                object.getMetadata().getUid(),
                                new AllocationIndex.DeviceGrant(
                                        object.getMetadata().getGeneration(), grants)),
                        hosts),
                narrowed::set,
                records));
        PendingClaim waiting = outcome instanceof AllocationSyncResult.Evaluated judged
                        && judged.decision() instanceof AllocationDecision.Blocked left
                        && left.problem() instanceof AllocationProblem.NoRoom room
                ? new PendingClaim(narrowed.get(), room.behind())
                : null;
        waits(claim.name(), waiting);
        if (waiting != null
                && (book.capacityRevision() != frees || (waiting.blockedByOlder() && book.claimRevision() != turns))) {
            // What changed while it was decided woke only those who waited already.
            triggers.wake(Set.of(claim.name()));
        }
        DesiredAllocation holding =
                book.findAllocation(claim.name()).orElseGet(() -> PciAllocationMapper.toDesiredAllocation(object));
        return new AllocationProcessor.Evaluation(holding, outcome, granted(object), grantedGeneration(object));
    }

    private BooleanSupplier there(PciAllocation object) {
        String uid = object.getMetadata().getUid();
        return () -> !book.isReleasing(uid);
    }

    private List<PciAllocationStatus.AllocatedDevice> granted(PciAllocation object) {
        List<DeviceAssignment> fresh = book.findGrant(object.getMetadata().getName())
                .map(AllocationIndex.DeviceGrant::grants)
                .orElse(List.of());
        PciAllocationStatus status = object.getStatus();
        if (fresh.isEmpty() && status != null && status.devices() != null) {
            return status.devices();
        }
        return fresh.stream()
                .map(grant -> new PciAllocationStatus.AllocatedDevice(
                        grant.device().node(), grant.device().address().toString(), grant.wish()))
                .toList();
    }

    /** The devices of an object that is refused: those granted to its requests keep the requests' names. */
    private List<PciAllocationStatus.AllocatedDevice> named(PciAllocation object, DesiredAllocation said) {
        return object.getSpec().requests() == null ? devices(said) : granted(object);
    }

    private AllocationSyncRequest request(
            PciAllocation object, DesiredAllocation holding, AllocationRecordStore records) {
        return new AllocationSyncRequest(
                holding,
                there(object),
                cluster::hasHost,
                book.olderHolders(holding),
                book::hasAllocationFor,
                PciAllocationMapper.isAccepted(object),
                records);
    }

    private static AllocationSyncResult.Evaluated left(AllocationProblem problem) {
        return new AllocationSyncResult.Evaluated(new AllocationDecision.Blocked(problem), false);
    }

    private static List<PciAllocationStatus.AllocatedDevice> devices(DesiredAllocation holding) {
        return holding.own().stream()
                .map(device -> new PciAllocationStatus.AllocatedDevice(
                        device.node(), device.address().toString(), null))
                .toList();
    }
}
