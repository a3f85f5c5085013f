package io.pciplacement.operator;

import io.pciplacement.api.v1alpha1.AllocationReader;
import io.pciplacement.api.v1alpha1.DeviceList;
import io.pciplacement.api.v1alpha1.DeviceSpecReader;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.operator.sync.AllocationOutcome;
import io.pciplacement.operator.sync.HoldRequest;
import io.pciplacement.operator.sync.HostOutcome;
import io.pciplacement.operator.sync.Link;
import io.pciplacement.operator.sync.Marks;
import io.pciplacement.operator.sync.PlacementSync;
import io.pciplacement.operator.sync.RecordKeeper;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.ProviderView;
import io.pciplacement.planning.allocation.DeviceAt;
import io.pciplacement.planning.allocation.Holding;
import io.pciplacement.planning.allocation.Problem;
import io.pciplacement.planning.allocation.Verdict;
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
public final class Outlook {

    private final Map<String, HostPciInventory> hosts = new HashMap<>();
    private final Map<String, Map<String, String>> labels;
    private final List<DeviceSpec> specs;
    private final AllocationBook book = new AllocationBook();
    private final PlacementSync placement;

    /**
     * Connects to Placement; whether that went well is told by the link.
     *
     * @param labels the nodes' labels, by name
     * @param marks as the operator has them by its settings
     */
    public Outlook(
            Collection<HostPciInventory> hosts,
            Map<String, Map<String, String>> labels,
            Collection<PciDeviceSpec> specs,
            Collection<PciAllocation> allocations,
            PlacementClient placement,
            Marks marks) {
        hosts.forEach(host -> this.hosts.put(host.getMetadata().getName(), host));
        this.labels = Map.copyOf(labels);
        this.specs = specs.stream().map(DeviceSpecReader::read).toList();
        allocations.forEach(object -> {
            book.put(AllocationReader.holding(object));
            book.seen(
                    object.getMetadata().getName(),
                    Objects.requireNonNullElse(object.getMetadata().getUid(), ""),
                    AllocationReader.refusal(object),
                    AllocationReader.hasAmounts(object));
        });
        this.placement = new PlacementSync(placement, marks, Executors.newVirtualThreadPerTaskExecutor());
        connect();
    }

    /** Tries again where Placement could not be used; returns how it stands. */
    public Link connect() {
        placement.sweep();
        return placement.link();
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
                : DeviceList.devices(host.getStatus().devices());
    }

    /** What the operator would do for a host; nothing of it is done. */
    public HostOutcome look(HostPciInventory host) {
        String node = host.getMetadata().getName();
        return placement.look(
                HostRequests.of(host, labels.containsKey(node), devices(host), specsFor(node), book.heldOn(node)));
    }

    /** What Placement has of ours below a root, by name; of hosts that were looked at. */
    public Map<String, ProviderView> views(UUID root) {
        return placement.views(root);
    }

    /** Makes Placement right for one object, by the client that was given; the hosts must have been looked at. */
    public AllocationOutcome hold(PciAllocation object) {
        Holding holding = AllocationReader.holding(object);
        Optional<Problem> problem = AllocationReader.problem(object).or(() -> book.sameConsumer(holding));
        return problem.isPresent()
                ? new AllocationOutcome.Judged(new Verdict.Left(problem.get()), false)
                : placement.hold(new HoldRequest(
                        holding,
                        () -> true,
                        hosts::containsKey,
                        book.olderThan(holding),
                        book::explains,
                        AllocationReader.isAccepted(object),
                        RecordKeeper.readOnly(AllocationReader.record(object))));
    }

    /**
     * Keeps back those providers that are for one use, so that nobody gets what was used once.
     *
     * @return whether something was not kept back before
     */
    public boolean keepBack(Set<UUID> providers) {
        return placement.keepBack(providers);
    }

    /** Whether a PciAllocation is for a consumer. */
    public boolean explains(UUID consumer) {
        return book.explains(consumer);
    }

    public Optional<Holding> holder(DeviceAt device) {
        return book.holder(device);
    }
}
