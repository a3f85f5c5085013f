package io.pciplacement.planning.admission;

import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.NodeSelector;
import io.pciplacement.planning.NormalizedSpec;
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
 * What a spec that comes, changes or goes would do to the hosts that are there: whether it brings a contradiction, and
 * what would change in Placement.
 */
public final class SpecChange {

    private static final int NAMED_NODES = 3;

    private final Optional<NormalizedSpec> after;

    /** All specs there are, were or shall be: the others, then those that come, change or go. */
    private final List<NormalizedSpec> specs;

    private final int others;
    private final int untilBefore;

    /** Which of them look at nothing of a node, and so select every one. */
    private final BitSet everywhere = new BitSet();

    /** Most nodes are selected by the same specs, which are numbered here as they are in the list. */
    private final Map<BitSet, ProviderChanges> ofNodes = new HashMap<>();

    private final List<String> errors = new ArrayList<>();
    private final List<String> nodes = new ArrayList<>();
    private int silentNodes;
    private int added;
    private int changed;
    private int removed;
    private int inUse;

    /**
     * A host as far as a change of specs concerns it.
     *
     * @param reporting whether its devices are written to Placement
     * @param inUse whether anybody has something of the provider that is named after this address
     */
    public record Host(
            String node,
            Map<String, String> labels,
            HostDevices devices,
            boolean reporting,
            Predicate<PciAddress> inUse) {}

    private SpecChange(
            Optional<NormalizedSpec> before, Optional<NormalizedSpec> after, Collection<NormalizedSpec> others) {
        this.after = after;
        this.specs = new ArrayList<>(others);
        this.others = specs.size();
        before.ifPresent(specs::add);
        this.untilBefore = specs.size();
        after.ifPresent(specs::add);
        for (int i = 0; i < specs.size(); i++) {
            everywhere.set(i, specs.get(i).spec().nodeSelector().equals(NodeSelector.ALL));
        }
    }

    /**
     * Evaluates a change of one spec.
     *
     * @param before the spec as it was, empty where it is new
     * @param after the spec as it shall be, empty where it goes
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
            hosts.forEach(change::compare);
        }
        return new AdmissionResult(change.errors, change.warnings());
    }

    private void compare(Host host) {
        boolean writes = false;
        for (ProviderChange change : changes(host.labels()).of(host.devices())) {
            switch (change) {
                case ProviderChange.Rejected(List<String> messages) ->
                    messages.forEach(message -> errors.add("Node %s: %s".formatted(host.node(), message)));
                case ProviderChange.Written(PciAddress address, ProviderChange.Kind kind) -> {
                    switch (kind) {
                        case ADDED -> added++;
                        case CHANGED -> changed++;
                        case REMOVED -> removed++;
                    }
                    inUse += kind != ProviderChange.Kind.ADDED && host.inUse().test(address) ? 1 : 0;
                    writes = true;
                }
            }
        }
        if (writes) {
            nodes.add(host.node());
            silentNodes += host.reporting() ? 0 : 1;
        }
    }

    private ProviderChanges changes(Map<String, String> labels) {
        BitSet selecting = (BitSet) everywhere.clone();
        for (int i = everywhere.nextClearBit(0); i < specs.size(); i = everywhere.nextClearBit(i + 1)) {
            if (specs.get(i).spec().nodeSelector().matches(labels)) {
                selecting.set(i);
            }
        }
        return ofNodes.computeIfAbsent(
                selecting,
                any -> new ProviderChanges(
                        selected(selecting, i -> i >= others),
                        selected(selecting, i -> i < untilBefore),
                        selected(selecting, i -> i < others || i >= untilBefore),
                        after.isEmpty()));
    }

    private List<NormalizedSpec> selected(BitSet selecting, IntPredicate wanted) {
        return selecting.stream().filter(wanted).mapToObj(specs::get).toList();
    }

    private List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        if (!nodes.isEmpty()) {
            String named = nodes.stream().limit(NAMED_NODES).collect(Collectors.joining(", "));
            String more = nodes.size() > NAMED_NODES ? " and %d more".formatted(nodes.size() - NAMED_NODES) : "";
            String planned = silentNodes == 0
                    ? ""
                    : silentNodes == nodes.size()
                            ? "; planned only, reporting is disabled there"
                            : "; on %d of them planned only, reporting is disabled there".formatted(silentNodes);
            warnings.add("in Placement, for %s%s: %d resource provider%s created, %d changed, %d removed%s"
                    .formatted(named, more, added, added == 1 ? "" : "s", changed, removed, planned));
        }
        if (inUse > 0) {
            warnings.add(
                    "%d of these providers are in use: what is held stays until its consumers let go".formatted(inUse));
        }
        return warnings;
    }
}
