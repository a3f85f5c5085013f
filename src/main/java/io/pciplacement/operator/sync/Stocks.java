package io.pciplacement.operator.sync;

import io.pciplacement.operator.sync.HostOutcome.Decided;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.HostTarget;
import io.pciplacement.planning.ProviderView;
import io.pciplacement.planning.allocation.HostStock;
import io.pciplacement.planning.allocation.Problem;
import io.pciplacement.planning.allocation.ProviderStock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What can be had of each host: what was last decided for it, with what is remembered of its providers now. Put
 * together once for all who ask, until one of the two changes.
 */
final class Stocks {

    private final Mirror mirror;
    private final Map<String, Last> byNode = new ConcurrentHashMap<>();
    private final Map<String, Made> made = new ConcurrentHashMap<>();

    /** Hosts that were left out when all were asked for. */
    private final Set<String> missed = ConcurrentHashMap.newKeySet();

    /** A stock, of which decision it was made, and of which version of what is remembered. */
    private record Made(Last last, long version, Optional<HostStock> stock) {}

    private record Last(HostRequest request, HostOutcome outcome) {}

    Stocks(Mirror mirror) {
        this.mirror = mirror;
    }

    /** While Placement is away, what was decided before still holds. */
    void put(HostRequest request, HostOutcome outcome) {
        switch (outcome) {
            case HostOutcome.Decided d -> byNode.put(request.node(), new Last(request, d));
            case HostOutcome.NoRoot n -> byNode.put(request.node(), new Last(request, n));
            case HostOutcome.RootTaken t -> byNode.put(request.node(), new Last(request, t));
            case HostOutcome.Incomplete i -> byNode.put(request.node(), new Last(request, i));
            case HostOutcome.NoPlacement n -> {}
            case HostOutcome.NotYet n -> {}
        }
    }

    void forget(String node) {
        byNode.remove(node);
        made.remove(node);
        missed.remove(node);
    }

    /** Empty while the host is not known, or something of it must be read again; its next sync does that. */
    Optional<HostStock> of(String node) {
        Last last = byNode.get(node);
        if (last == null) {
            return Optional.empty();
        }
        // Asked for first, so that what changes meanwhile makes it be made again.
        long version = last.outcome() instanceof Decided decided ? mirror.version(decided.root()) : 0;
        Made known = made.get(node);
        if (known != null && known.last() == last && known.version() == version) {
            return known.stock();
        }
        Optional<HostStock> stock = make(node, last);
        made.put(node, new Made(last, version, stock));
        return stock;
    }

    private Optional<HostStock> make(String node, Last last) {
        if (last.outcome() instanceof HostOutcome.Incomplete incomplete) {
            return unreported(node, incomplete.missing().why());
        }
        if (!(last.outcome() instanceof Decided decided)) {
            return unreported(node, "no resource provider stands for it");
        }
        if (!last.request().write()) {
            return unreported(
                    node, "reporting is disabled or paused (spec.reporting, spec.paused of its HostPciInventory)");
        }
        HostTarget names = HostTarget.naming(last.request().rootName(), decided.root());
        SortedMap<PciAddress, ProviderStock> providers = new TreeMap<>();
        for (Map.Entry<String, Mirror.Entry> entry :
                mirror.below(decided.root()).entrySet()) {
            ProviderView view = entry.getValue().view();
            if (view == null) {
                return Optional.empty();
            }
            names.address(entry.getKey())
                    .flatMap(at -> ProviderStock.of(
                            at,
                            view,
                            Optional.ofNullable(decided.resolution().providers().get(at))))
                    .ifPresent(stock -> providers.put(stock.address(), stock));
        }
        return Optional.of(
                new HostStock.Reported(node, decided.root(), last.request().devices(), providers));
    }

    /** Every host whose devices are in Placement and known; the others are remembered as missed. */
    List<HostStock.Reported> reported() {
        List<HostStock.Reported> all = new ArrayList<>();
        for (String node : new TreeSet<>(byNode.keySet())) {
            Optional<HostStock> stock = of(node);
            if (stock.isEmpty()) {
                missed.add(node);
                // It may have become known just before that was noted.
                stock = of(node);
            }
            if (stock.orElse(null) instanceof HostStock.Reported reported) {
                all.add(reported);
            }
        }
        return all;
    }

    boolean wasMissed(String node) {
        return missed.remove(node);
    }

    private static Optional<HostStock> unreported(String node, String why) {
        return Optional.of(new HostStock.Unreported(node, new Problem.HostNotReported(node, why + ".")));
    }
}
