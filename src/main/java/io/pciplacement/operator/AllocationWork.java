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
import io.pciplacement.pci.Parsed;
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

    AllocationWork(
            ClusterView cluster,
            AllocationBook book,
            PlacementSync placement,
            AllocationTriggers triggers,
            HostTriggers hosts) {
        this.cluster = cluster;
        this.book = book;
        this.placement = placement;
        this.triggers = triggers;
        this.hosts = hosts;
    }

    /**
     * What came of it, for the devices that the object has now.
     *
     * @param grantedGeneration the generation of the object to whose requests they were granted, null where it names
     *     them itself or has none
     */
    record Result(
            Holding holding,
            AllocationOutcome outcome,
            List<GrantedDevice> devices,
            @Nullable Long grantedGeneration) {

        Result {
            devices = List.copyOf(devices);
        }
    }

    Result on(PciAllocation object) {
        Holding said = AllocationReader.holding(object);
        Optional<Problem> problem = AllocationReader.problem(object).or(() -> book.sameConsumer(said));
        if (problem.isPresent()) {
            waits(said.name(), null);
            return new Result(said, left(problem.get()), devices(said), grantedGeneration(object));
        }
        if (object.getSpec().requests() == null) {
            waits(said.name(), null);
            return new Result(said, placement.hold(request(object, said)), devices(said), null);
        }
        return requested(object);
    }

    private void waits(String name, AllocationBook.@Nullable Waiting now) {
        triggers.wake(book.waits(name, now));
    }

    /** What was granted stays granted until the requests change; before that, and after, it must be chosen. */
    private Result requested(PciAllocation object) {
        String name = object.getMetadata().getName();
        Holding holding = book.of(name).orElseGet(() -> AllocationReader.holding(object));
        Long grantedTo = grantedGeneration(object);
        boolean current = Objects.equals(grantedTo, object.getMetadata().getGeneration());
        List<GrantedDevice> granted = granted(object);
        if (current && !holding.devices().isEmpty()) {
            return new Result(holding, placement.hold(request(object, holding)), granted, grantedTo);
        }
        return switch (placement.link()) {
            case Link.Waiting w -> new Result(holding, new AllocationOutcome.NotYet(), granted, grantedTo);
            case Link.Down down ->
                new Result(holding, new AllocationOutcome.NoPlacement(down, false), granted, grantedTo);
            case Link.Up up ->
                switch (AllocationReader.claim(object, up.names())) {
                    case Parsed.Refused<Claim>(String field, String message) -> {
                        waits(name, null);
                        yield new Result(holding, left(new Problem.InvalidRequest(field, message)), granted, grantedTo);
                    }
                    case Parsed.Ok<Claim>(Claim claim) -> claim(object, claim);
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

    private Result claim(PciAllocation object, Claim claim) {
        long frees = book.frees();
        long turns = book.turns();
        AllocationOutcome outcome = placement.claim(new ClaimRequest(
                claim,
                there(object),
                () -> book.elders(claim),
                node -> book.takenOn(node, claim.name()),
                grants -> book.grant(
                                claim.granted(grants),
                                new AllocationBook.Granted(object.getMetadata().getGeneration(), grants))
                        .wake(triggers, hosts)));
        AllocationBook.Waiting waiting = outcome instanceof Judged judged
                        && judged.verdict() instanceof Verdict.Left left
                        && left.problem() instanceof Problem.NoRoom room
                ? new AllocationBook.Waiting(claim, room.behind())
                : null;
        waits(claim.name(), waiting);
        if (waiting != null && (book.frees() != frees || (waiting.behind() && book.turns() != turns))) {
            // What changed while it was decided woke only those who waited already.
            triggers.wake(Set.of(claim.name()));
        }
        Holding holding = book.of(claim.name()).orElseGet(() -> AllocationReader.holding(object));
        return new Result(holding, outcome, granted(object), grantedGeneration(object));
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

    private HoldRequest request(PciAllocation object, Holding holding) {
        return new HoldRequest(holding, there(object), cluster::hasHost, book.olderThan(holding), book::explains);
    }

    private static Judged left(Problem problem) {
        return new Judged(new Verdict.Left(problem), Set.of(), false);
    }

    private static List<GrantedDevice> devices(Holding holding) {
        return holding.own().stream()
                .map(device -> new GrantedDevice(device.node(), device.address().toString(), null))
                .toList();
    }
}
