package io.pciplacement.operator;

import io.pciplacement.api.v1alpha1.AllocationReader;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationStatus;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.GrantedDevice;
import io.pciplacement.operator.sync.AllocationOutcome;
import io.pciplacement.operator.sync.AllocationOutcome.Judged;
import io.pciplacement.operator.sync.ClaimRequest;
import io.pciplacement.operator.sync.HoldRequest;
import io.pciplacement.operator.sync.Link;
import io.pciplacement.operator.sync.PlacementSync;
import io.pciplacement.operator.sync.RecordKeeper;
import io.pciplacement.pci.Parsed;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.planning.allocation.Claim;
import io.pciplacement.planning.allocation.Grant;
import io.pciplacement.planning.allocation.Holding;
import io.pciplacement.planning.allocation.Problem;
import io.pciplacement.planning.allocation.Verdict;
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
public class AllocationWork {

    private final ClusterView cluster;
    private final AllocationBook book;
    private final PlacementSync placement;
    private final AllocationTriggers triggers;
    private final HostTriggers hosts;
    private final StatusWriter statuses;

    AllocationWork(
            ClusterView cluster,
            AllocationBook book,
            PlacementSync placement,
            AllocationTriggers triggers,
            HostTriggers hosts,
            StatusWriter statuses) {
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
            Holding holding,
            AllocationOutcome outcome,
            List<GrantedDevice> devices,
            @Nullable Long grantedGeneration,
            AllocationRecord record) {

        Result {
            devices = List.copyOf(devices);
        }
    }

    Result on(PciAllocation object) {
        RecordKeeper records = new StatusRecordKeeper(object, book, statuses);
        Judgement judgement = judge(object, records);
        if (judgement.outcome() instanceof Judged judged) {
            judged.record().ifPresent(records::remember);
        }
        return new Result(
                judgement.holding(),
                judgement.outcome(),
                judgement.devices(),
                judgement.grantedGeneration(),
                records.record());
    }

    /** A result before it is recorded. */
    private record Judgement(
            Holding holding,
            AllocationOutcome outcome,
            List<GrantedDevice> devices,
            @Nullable Long grantedGeneration) {}

    private Judgement judge(PciAllocation object, RecordKeeper records) {
        Holding said = AllocationReader.holding(object);
        Optional<Problem> problem = AllocationReader.problem(object).or(() -> book.sameConsumer(said));
        if (problem.isPresent()) {
            waits(said.name(), null);
            return new Judgement(said, left(problem.get()), named(object, said), grantedGeneration(object));
        }
        if (object.getSpec().requests() == null) {
            waits(said.name(), null);
            return new Judgement(said, placement.hold(request(object, said, records)), devices(said), null);
        }
        return requested(object, records);
    }

    private void waits(String name, AllocationBook.@Nullable Waiting now) {
        triggers.wake(book.waits(name, now));
    }

    /** What was granted stays granted until the requests change; before that, and after, it must be chosen. */
    private Judgement requested(PciAllocation object, RecordKeeper records) {
        String name = object.getMetadata().getName();
        Holding holding = book.of(name).orElseGet(() -> AllocationReader.holding(object));
        Long grantedTo = grantedGeneration(object);
        boolean current = Objects.equals(grantedTo, object.getMetadata().getGeneration());
        List<GrantedDevice> granted = granted(object);
        if (current && !holding.devices().isEmpty()) {
            return new Judgement(holding, placement.hold(request(object, holding, records)), granted, grantedTo);
        }
        return switch (placement.link()) {
            case Link.Waiting w -> new Judgement(holding, new AllocationOutcome.NotYet(), granted, grantedTo);
            case Link.Down down ->
                new Judgement(holding, new AllocationOutcome.NoPlacement(down, false), granted, grantedTo);
            case Link.Up up ->
                switch (AllocationReader.claim(object, up.names())) {
                    case Parsed.Refused<Claim>(String field, String message) -> {
                        waits(name, null);
                        yield new Judgement(
                                holding, left(new Problem.InvalidRequest(field, message)), granted, grantedTo);
                    }
                    case Parsed.Ok<Claim>(Claim claim) -> claim(object, claim, records);
                };
        };
    }

    /** What the status says counts only after a restart; until then the book knows better. */
    private @Nullable Long grantedGeneration(PciAllocation object) {
        if (object.getSpec().requests() == null) {
            return null;
        }
        PciAllocationStatus status = object.getStatus();
        return book.grantedTo(object.getMetadata().getName())
                .map(AllocationBook.Granted::generation)
                .orElse(status == null ? null : status.grantedGeneration());
    }

    private Judgement claim(PciAllocation object, Claim claim, RecordKeeper records) {
        AtomicReference<Claim> narrowed = new AtomicReference<>(claim);
        long frees = book.frees();
        long turns = book.turns();
        AllocationOutcome outcome = placement.claim(new ClaimRequest(
                claim,
                there(object),
                () -> book.elders(claim),
                node -> book.takenOn(node, claim.name()),
                grants -> book.grant(
                                claim.granted(grants),
                                object.getMetadata().getUid(),
                                new AllocationBook.Granted(object.getMetadata().getGeneration(), grants))
                        .wake(triggers, hosts),
                narrowed::set,
                records));
        AllocationBook.Waiting waiting = outcome instanceof Judged judged
                        && judged.verdict() instanceof Verdict.Left left
                        && left.problem() instanceof Problem.NoRoom room
                ? new AllocationBook.Waiting(narrowed.get(), room.behind())
                : null;
        waits(claim.name(), waiting);
        if (waiting != null && (book.frees() != frees || (waiting.behind() && book.turns() != turns))) {
            // What changed while it was decided woke only those who waited already.
            triggers.wake(Set.of(claim.name()));
        }
        Holding holding = book.of(claim.name()).orElseGet(() -> AllocationReader.holding(object));
        return new Judgement(holding, outcome, granted(object), grantedGeneration(object));
    }

    private BooleanSupplier there(PciAllocation object) {
        String uid = object.getMetadata().getUid();
        return () -> !book.isGoing(uid);
    }

    private List<GrantedDevice> granted(PciAllocation object) {
        List<Grant> fresh = book.grantedTo(object.getMetadata().getName())
                .map(AllocationBook.Granted::grants)
                .orElse(List.of());
        PciAllocationStatus status = object.getStatus();
        if (fresh.isEmpty() && status != null && status.devices() != null) {
            return status.devices();
        }
        return fresh.stream()
                .map(grant -> new GrantedDevice(
                        grant.device().node(), grant.device().address().toString(), grant.wish()))
                .toList();
    }

    /** The devices of an object that is refused: those granted to its requests keep the requests' names. */
    private List<GrantedDevice> named(PciAllocation object, Holding said) {
        return object.getSpec().requests() == null ? devices(said) : granted(object);
    }

    private HoldRequest request(PciAllocation object, Holding holding, RecordKeeper records) {
        return new HoldRequest(
                holding,
                there(object),
                cluster::hasHost,
                book.olderThan(holding),
                book::explains,
                AllocationReader.isAccepted(object),
                records);
    }

    private static Judged left(Problem problem) {
        return new Judged(new Verdict.Left(problem), false);
    }

    private static List<GrantedDevice> devices(Holding holding) {
        return holding.own().stream()
                .map(device -> new GrantedDevice(device.node(), device.address().toString(), null))
                .toList();
    }
}
