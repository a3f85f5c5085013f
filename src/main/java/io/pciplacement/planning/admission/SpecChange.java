package io.pciplacement.planning.admission;

import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.NodeSelector;
import io.pciplacement.planning.NormalizedSpec;
import io.pciplacement.text.CountFormat;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Evaluation of the creation, update or deletion of a spec for the existing hosts: new conflicts and changes in
 * Placement.
 */
public final class SpecChange {

    private static final int MAX_NODES_SHOWN = 3;

    private final Optional<NormalizedSpec> after;

    /** All specs involved: the other specs first, then the old and the new state of the changed spec. */
    private final List<NormalizedSpec> specs;

    private final int otherCount;
    private final int beforeEnd;

    /** Indexes of the specs that select every node. */
    private final BitSet matchAllNodes = new BitSet();

    /** Changes by the indexes of the specs that select a node; most nodes are selected by the same specs. */
    private final Map<BitSet, ProviderChanges> changesBySelectingSpecs = new HashMap<>();

    private final List<String> errors = new ArrayList<>();
    private final List<String> nodes = new ArrayList<>();
    private final List<String> novaNodes = new ArrayList<>();
    private int unreportedNodes;
    private int added;
    private int changed;
    private int removed;
    private int inUseCount;

    /**
     * Facts about a host that are relevant to a change of specs.
     *
     * @param reporting who writes its devices to Placement
     * @param isInUse whether the provider that is named after an address has allocations
     */
    public record Host(
            String node,
            Map<String, String> labels,
            HostDevices devices,
            Reporting reporting,
            Predicate<PciAddress> isInUse) {}

    /** Who writes the devices of a host to Placement. */
    public enum Reporting {
        /** Not written. */
        NONE,
        OPERATOR,
        NOVA
    }

    private SpecChange(
            Optional<NormalizedSpec> before, Optional<NormalizedSpec> after, Collection<NormalizedSpec> others) {
        this.after = after;
        this.specs = new ArrayList<>(others);
        this.otherCount = specs.size();
        before.ifPresent(specs::add);
        this.beforeEnd = specs.size();
        after.ifPresent(specs::add);
        for (int i = 0; i < specs.size(); i++) {
            matchAllNodes.set(i, specs.get(i).spec().nodeSelector().equals(NodeSelector.ALL));
        }
    }

    /**
     * Evaluates a change of one spec.
     *
     * @param before the previous spec, empty on creation
     * @param after the new spec, empty on deletion
     * @param others all other specs
     */
    public static AdmissionResult evaluate(
            Optional<NormalizedSpec> before,
            Optional<NormalizedSpec> after,
            Collection<NormalizedSpec> others,
            Stream<Host> hosts) {
        SpecChange change = new SpecChange(before, after, others);
        after.ifPresent(spec -> spec.problems().forEach(problem -> change.errors.add(problem.message())));
        if (change.errors.isEmpty()) {
            hosts.forEach(change::evaluateHost);
        }
        return new AdmissionResult(change.errors, change.buildWarnings());
    }

    private void evaluateHost(Host host) {
        boolean changesPlacement = false;
        for (ProviderChange change : changesForLabels(host.labels()).changesFor(host.devices())) {
            switch (change) {
                case ProviderChange.Rejected(List<String> messages) ->
                    messages.forEach(message -> errors.add("Node %s: %s".formatted(host.node(), message)));
                case ProviderChange.Write(PciAddress address, ProviderChange.Kind kind) -> {
                    switch (kind) {
                        case ADDED -> added++;
                        case CHANGED, CLASS_CHANGED, TRAITS_CHANGED -> changed++;
                        case REMOVED -> removed++;
                    }
                    boolean changesUnits =
                            kind != ProviderChange.Kind.ADDED && kind != ProviderChange.Kind.TRAITS_CHANGED;
                    boolean inUse = changesUnits && host.isInUse().test(address);
                    inUseCount += inUse ? 1 : 0;
                    if (inUse && kind == ProviderChange.Kind.CLASS_CHANGED && host.reporting() == Reporting.NOVA) {
                        errors.add(
                                "Node %s: the device of provider address %s is in use, so its resource class cannot change: nova-compute of this host (spec.reporting: Nova) would not start. Change the class when its consumer has released it."
                                        .formatted(host.node(), address));
                    }
                    changesPlacement = true;
                }
            }
        }
        if (changesPlacement) {
            nodes.add(host.node());
            unreportedNodes += host.reporting() == Reporting.NONE ? 1 : 0;
            if (host.reporting() == Reporting.NOVA) {
                novaNodes.add(host.node());
            }
        }
    }

    private ProviderChanges changesForLabels(Map<String, String> labels) {
        BitSet selecting = (BitSet) matchAllNodes.clone();
        for (int i = matchAllNodes.nextClearBit(0); i < specs.size(); i = matchAllNodes.nextClearBit(i + 1)) {
            if (specs.get(i).spec().nodeSelector().matches(labels)) {
                selecting.set(i);
            }
        }
        return changesBySelectingSpecs.computeIfAbsent(
                selecting,
                any -> new ProviderChanges(
                        specsWhere(selecting, i -> i >= otherCount),
                        specsWhere(selecting, i -> i < beforeEnd),
                        specsWhere(selecting, i -> i < otherCount || i >= beforeEnd),
                        after.isEmpty()));
    }

    private List<NormalizedSpec> specsWhere(BitSet selecting, IntPredicate wanted) {
        return selecting.stream().filter(wanted).mapToObj(specs::get).toList();
    }

    private List<String> buildWarnings() {
        List<String> warnings = new ArrayList<>();
        if (!nodes.isEmpty()) {
            String planNote = unreportedNodes == 0
                    ? ""
                    : unreportedNodes == nodes.size()
                            ? "; not written, because reporting is disabled there"
                            : "; not written on %d of them, because reporting is disabled there"
                                    .formatted(unreportedNodes);
            warnings.add("Changes of the tracked resource providers on %s: %d added, %d changed, %d removed%s"
                    .formatted(listNodes(nodes), added, changed, removed, planNote));
        }
        if (!novaNodes.isEmpty()) {
            warnings.add(
                    "nova-compute writes the providers of %s: export the specs (pci export --for-nova), update nova.conf and restart nova-compute there"
                            .formatted(listNodes(novaNodes)));
        }
        if (inUseCount > 0) {
            warnings.add("%s in use: units in use stay in Placement until their consumers release them"
                    .formatted(CountFormat.format(inUseCount, "of these providers is", "of these providers are")));
        }
        return warnings;
    }

    private static String listNodes(List<String> all) {
        String shown = all.stream().sorted().limit(MAX_NODES_SHOWN).collect(Collectors.joining(", "));
        return all.size() > MAX_NODES_SHOWN ? "%s and %d more".formatted(shown, all.size() - MAX_NODES_SHOWN) : shown;
    }
}
