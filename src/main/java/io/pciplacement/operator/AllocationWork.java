package io.pciplacement.operator;

import io.pciplacement.api.v1alpha1.AllocationReader;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.GrantedDevice;
import io.pciplacement.operator.sync.AllocationOutcome;
import io.pciplacement.operator.sync.AllocationOutcome.Judged;
import io.pciplacement.operator.sync.HoldRequest;
import io.pciplacement.operator.sync.PlacementSync;
import io.pciplacement.planning.allocation.Holding;
import io.pciplacement.planning.allocation.Problem;
import io.pciplacement.planning.allocation.Verdict;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What is done for one PciAllocation: its devices are held, or some are claimed and then held. */
@ApplicationScoped
public class AllocationWork {

    private final ClusterView cluster;
    private final AllocationBook book;
    private final PlacementSync placement;

    AllocationWork(ClusterView cluster, AllocationBook book, PlacementSync placement) {
        this.cluster = cluster;
        this.book = book;
        this.placement = placement;
    }

    /** What came of it, for the devices that the object has now. */
    record Result(Holding holding, AllocationOutcome outcome, List<GrantedDevice> devices) {}

    Result on(PciAllocation object) {
        Holding said = AllocationReader.holding(object);
        Optional<Problem> problem = AllocationReader.problem(object).or(() -> sameConsumer(said));
        if (problem.isPresent()) {
            return new Result(said, left(problem.get()), devices(said));
        }
        return new Result(said, placement.hold(request(said)), devices(said));
    }

    private Optional<Problem> sameConsumer(Holding holding) {
        return book.of(holding.consumer().uuid())
                .filter(other -> Holding.OLDEST_FIRST.compare(other, holding) < 0)
                .map(other ->
                        new Problem.SameConsumer(other.name(), other.consumer().uuid()));
    }

    private HoldRequest request(Holding holding) {
        return new HoldRequest(holding, cluster::hasHost, book.olderThan(holding), book::explains);
    }

    private static Judged left(Problem problem) {
        return new Judged(new Verdict.Left(problem), Set.of(), false);
    }

    private static List<GrantedDevice> devices(Holding holding) {
        return holding.devices().stream()
                .map(device -> new GrantedDevice(device.node(), device.address().toString(), null))
                .toList();
    }
}
