package io.pciplacement.planning;

import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

    private final Optional<NamedSpec> after;

    /** All specs there are, were or shall be: the others, then those that come, change or go. */
    private final List<NamedSpec> specs;

    private final int others;
    private final int untilBefore;

    /** Most nodes are selected by the same specs, which are numbered here as they are in the list. */
    private final Map<BitSet, Sides> sidesOfNodes = new HashMap<>();

    private final List<String> refusals = new ArrayList<>();
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

    /**
     * What comes of a change.
     *
     * @param refusals why it must not be; empty where it may
     * @param warnings what a person should know who does it
     */
    public record Verdict(List<String> refusals, List<String> warnings) {

        public Verdict {
            refusals = List.copyOf(refusals);
            warnings = List.copyOf(warnings);
        }
    }

    /** The specs of a node: those that come, change or go, all as it was, all as it will be. */
    private record Sides(Candidates own, Candidates was, Candidates will) {}

    private SpecChange(Optional<NamedSpec> before, Optional<NamedSpec> after, Collection<NamedSpec> others) {
        this.after = after;
        this.specs = new ArrayList<>(others);
        this.others = specs.size();
        before.ifPresent(specs::add);
        this.untilBefore = specs.size();
        after.ifPresent(specs::add);
    }

    /**
     * Judges a change of one spec.
     *
     * @param before the spec as it was, empty where it is new
     * @param after the spec as it shall be, empty where it goes
     * @param others all other specs
     */
    public static Verdict judge(
            Optional<NamedSpec> before, Optional<NamedSpec> after, Collection<NamedSpec> others, Stream<Host> hosts) {
        SpecChange change = new SpecChange(before, after, others);
        after.ifPresent(spec -> spec.problems().forEach(problem -> change.refusals.add(problem.message())));
        if (change.refusals.isEmpty()) {
            hosts.forEach(change::compare);
        }
        return new Verdict(change.refusals, change.warnings());
    }

    private void compare(Host host) {
        Sides sides = sides(host.labels());
        HostDevices concerned = concerned(host.devices(), sides.own());
        if (concerned.size() == 0) {
            return;
        }
        Resolution was = Resolver.resolve(concerned, sides.was());
        Resolution will = Resolver.resolve(concerned, sides.will());
        Set<PciAddress> addresses = new HashSet<>(was.providers().keySet());
        addresses.addAll(will.providers().keySet());
        int changes = added + changed + removed;
        for (PciAddress address : addresses.stream().sorted().toList()) {
            compare(
                    host,
                    address,
                    Optional.ofNullable(was.providers().get(address)),
                    Optional.ofNullable(will.providers().get(address)));
        }
        if (added + changed + removed > changes) {
            nodes.add(host.node());
            silentNodes += host.reporting() ? 0 : 1;
        }
    }

    private void compare(Host host, PciAddress address, Optional<ProviderPlan> was, Optional<ProviderPlan> will) {
        if (will.orElse(null) instanceof ProviderPlan.Contradicted contradicted) {
            Set<String> known = was.orElse(null) instanceof ProviderPlan.Contradicted old
                    ? old.findings().stream().map(Finding::reason).collect(Collectors.toSet())
                    : Set.of();
            // Deleting a spec, or repairing it step by step, must stay possible.
            contradicted.findings().stream()
                    .filter(finding -> after.isPresent() && !known.contains(finding.reason()))
                    .filter(finding -> !(finding instanceof Finding.RemoteManagedWithoutSerial))
                    .forEach(finding -> refusals.add("Node %s: %s".formatted(host.node(), finding.message())));
            return;
        }
        int before = added + changed + removed;
        if (was.isEmpty()) {
            added++;
        } else if (will.isEmpty()) {
            removed++;
        } else if (!sameInPlacement(was.get(), will.get())) {
            changed++;
        }
        if (added + changed + removed > before && !was.isEmpty() && host.inUse().test(address)) {
            inUse++;
        }
    }

    private static boolean sameInPlacement(ProviderPlan was, ProviderPlan will) {
        return was instanceof ProviderPlan.Wanted a
                && will instanceof ProviderPlan.Wanted b
                && a.resourceClass().equals(b.resourceClass())
                && a.traits().equals(b.traits())
                && a.devices().size() == b.devices().size();
    }

    private Sides sides(Map<String, String> labels) {
        BitSet selecting = new BitSet(specs.size());
        for (int i = 0; i < specs.size(); i++) {
            if (specs.get(i).spec().nodeSelector().matches(labels)) {
                selecting.set(i);
            }
        }
        return sidesOfNodes.computeIfAbsent(
                selecting,
                any -> new Sides(
                        candidates(selecting, i -> i >= others),
                        candidates(selecting, i -> i < untilBefore),
                        candidates(selecting, i -> i < others || i >= untilBefore)));
    }

    private Candidates candidates(BitSet selecting, IntPredicate wanted) {
        return new Candidates(
                selecting.stream().filter(wanted).mapToObj(specs::get).toList());
    }

    /**
     * The devices of all providers with one that the spec selects, before or after. No other provider can come out
     * differently, as each is decided by its own devices.
     */
    private static HostDevices concerned(HostDevices devices, Candidates own) {
        if (own.isEmpty()) {
            return HostDevices.NONE;
        }
        Set<PciAddress> providers = new HashSet<>();
        for (PciDevice device : devices.all()) {
            if (own.select(device)) {
                providers.add(device.providerAddress());
            }
        }
        return providers.isEmpty()
                ? HostDevices.NONE
                : new HostDevices(devices.all().stream()
                        .filter(device -> providers.contains(device.providerAddress()))
                        .toList());
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
