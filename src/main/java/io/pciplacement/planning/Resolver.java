package io.pciplacement.planning;

import io.pciplacement.pci.DeviceGroup;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.Resolution.SpecTally;
import io.pciplacement.planning.finding.Finding;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Decides, for every device of a host, which spec it follows, and, for every provider, whether its devices' specs
 * agree.
 */
public final class Resolver {

    private final Map<String, SpecTally> tallies = new HashMap<>();
    private final TreeMap<PciAddress, List<Resolver.SpecAssignment>> choices = new TreeMap<>();

    /**
     * Devices of one provider that Placement should be told of, the spec they follow, and what keeps them from
     * following.
     *
     * @param devices one, or VFs that are alike and that nothing keeps from following
     */
    private record SpecAssignment(
            List<PciDevice> devices,
            NormalizedSpec spec,
            @Nullable Finding problem) {

        PciDevice first() {
            return devices.getFirst();
        }
    }

    private Resolver() {}

    /**
     * Resolves one host.
     *
     * @param specs those whose node selector selects the host, in any order
     */
    public static Resolution resolve(HostDevices devices, Collection<NormalizedSpec> specs) {
        return specs.isEmpty() ? Resolution.NONE : resolve(devices, new SpecCandidates(specs));
    }

    /** As {@link #resolve(HostDevices, Collection)}, for one of many hosts that the same specs select. */
    public static Resolution resolve(HostDevices devices, SpecCandidates specs) {
        Resolver resolver = new Resolver();
        for (DeviceGroup run : devices.deviceGroups()) {
            List<SpecCandidates.Candidate> here = specs.of(run);
            if (here.isEmpty()) {
                continue;
            }
            if (here.stream().noneMatch(candidate -> candidate.tellsApart(run))) {
                resolver.choose(run.devices(), here);
            } else {
                run.devices().forEach(device -> resolver.choose(List.of(device), here));
            }
        }
        SortedMap<PciAddress, DesiredProvider> providers = new TreeMap<>();
        resolver.choices.forEach((address, onProvider) -> providers.put(address, resolver.plan(address, onProvider)));
        return new Resolution(providers, resolver.tallies);
    }

    /** Chooses for devices that none of the candidates tells apart. */
    private void choose(List<PciDevice> alike, List<SpecCandidates.Candidate> candidates) {
        PciDevice first = alike.getFirst();
        int count = alike.size();
        NormalizedSpec winner = null;
        List<NormalizedSpec> agreeing = new ArrayList<>(0);
        List<NormalizedSpec> rivals = new ArrayList<>(0);
        for (SpecCandidates.Candidate candidate : candidates) {
            if (!candidate.selects(first)) {
                continue;
            }
            NormalizedSpec spec = candidate.spec();
            if (winner == null) {
                winner = spec;
                count(spec, new SpecTally(count, 0, 0, 0));
            } else if (spec.spec().priority() < winner.spec().priority()) {
                count(spec, new SpecTally(count, 0, count, 0));
            } else {
                count(spec, new SpecTally(count, 0, 0, 0));
                (spec.sameResult(winner) ? agreeing : rivals).add(spec);
            }
        }
        if (rivals.isEmpty()) {
            // It is as they want it, and one of them has to be named.
            agreeing.forEach(spec -> count(spec, new SpecTally(0, 0, count, 0)));
        }
        if (winner == null || (!winner.reported() && rivals.stream().noneMatch(NormalizedSpec::reported))) {
            return;
        }
        if (first.type() == DeviceType.VF && problem(first, winner, agreeing, rivals) == null) {
            choice(alike, winner, null);
        } else {
            for (PciDevice device : alike) {
                choice(List.of(device), winner, problem(device, winner, agreeing, rivals));
            }
        }
    }

    private void choice(List<PciDevice> devices, NormalizedSpec spec, @Nullable Finding problem) {
        choices.computeIfAbsent(devices.getFirst().providerAddress(), address -> new ArrayList<>())
                .add(new Resolver.SpecAssignment(devices, spec, problem));
    }

    private static @Nullable Finding problem(
            PciDevice device, NormalizedSpec winner, List<NormalizedSpec> agreeing, List<NormalizedSpec> rivals) {
        if (!rivals.isEmpty()) {
            return new Finding.PriorityTie(device.address(), winner.spec().priority(), sides(winner, agreeing, rivals));
        }
        if (!winner.problems().isEmpty()) {
            return winner.problems().getFirst();
        }
        if (winner.spec().oneTimeUse() && device.type() == DeviceType.VF) {
            return new Finding.OneTimeUseVf(device.address(), winner.name());
        }
        if (winner.spec().remoteManaged() && (device.type() != DeviceType.VF || device.serialNumber() == null)) {
            return new Finding.RemoteManagedWithoutSerial(device.address(), winner.name());
        }
        return null;
    }

    /** The names of specs of one priority, those that want the same together. */
    private static List<List<String>> sides(
            NormalizedSpec winner, List<NormalizedSpec> agreeing, List<NormalizedSpec> rivals) {
        List<List<NormalizedSpec>> sides = new ArrayList<>();
        sides.add(new ArrayList<>(List.of(winner)));
        sides.getFirst().addAll(agreeing);
        for (NormalizedSpec rival : rivals) {
            sides.stream()
                    .filter(side -> side.getFirst().sameResult(rival))
                    .findFirst()
                    .ifPresentOrElse(side -> side.add(rival), () -> sides.add(new ArrayList<>(List.of(rival))));
        }
        return sides.stream()
                .map(side -> side.stream().map(NormalizedSpec::name).toList())
                .toList();
    }

    private DesiredProvider plan(PciAddress address, List<Resolver.SpecAssignment> onProvider) {
        List<PciDevice> devices = new ArrayList<>();
        onProvider.forEach(choice -> devices.addAll(choice.devices()));
        List<Finding> findings = contradictions(address, onProvider);
        for (Resolver.SpecAssignment choice : onProvider) {
            Finding problem = choice.problem();
            if (problem != null && !findings.contains(problem)) {
                findings.add(problem);
            }
        }
        if (!findings.isEmpty()) {
            for (Resolver.SpecAssignment choice : onProvider) {
                count(choice.spec(), new SpecTally(0, 0, 0, choice.devices().size()));
                if (choice.problem() instanceof Finding.PriorityTie tie) {
                    // None wins, so it is the others' conflict as well.
                    tie.specs().stream()
                            .filter(name -> !name.equals(choice.spec().name()))
                            .forEach(name -> tallies.merge(name, new SpecTally(0, 0, 0, 1), SpecTally::plus));
                }
            }
            return new DesiredProvider.Conflicting(address, devices, findings);
        }
        onProvider.forEach(
                choice -> count(choice.spec(), new SpecTally(0, choice.devices().size(), 0, 0)));
        Resolver.SpecAssignment first = onProvider.getFirst();
        return new DesiredProvider.Resolved(
                address,
                devices,
                first.spec().name(),
                first.first().type(),
                first.spec().classFor(first.first()),
                traits(onProvider));
    }

    /** They differ in marks at most, and a mark that any of them names is on the provider. */
    private static SortedSet<Trait> traits(List<Resolver.SpecAssignment> onProvider) {
        SortedSet<Trait> traits = onProvider.getFirst().spec().traits();
        if (onProvider.stream().allMatch(choice -> choice.spec().traits().equals(traits))) {
            return traits;
        }
        SortedSet<Trait> all = new TreeSet<>(traits);
        onProvider.forEach(choice -> all.addAll(choice.spec().traits()));
        return all;
    }

    /** What contradicts itself among the devices of one provider, at most one finding of a kind. */
    private static List<Finding> contradictions(PciAddress address, List<Resolver.SpecAssignment> onProvider) {
        List<Finding> findings = new ArrayList<>();
        if (onProvider.size() == 1) {
            return findings;
        }
        // By address, so the PF, whose own address is the provider's, is not always the first: look for it.
        Resolver.SpecAssignment pf = null;
        List<Resolver.SpecAssignment> vfs = new ArrayList<>(onProvider.size());
        for (Resolver.SpecAssignment choice : onProvider) {
            if (choice.first().address().equals(address)) {
                pf = choice;
            } else {
                vfs.add(choice);
            }
        }
        Resolver.SpecAssignment first = vfs.getFirst();
        if (pf != null) {
            findings.add(new Finding.DependentDevices(
                    address,
                    pf.spec().name(),
                    first.first().address(),
                    first.spec().name(),
                    vfs.stream().mapToInt(vf -> vf.devices().size()).sum()));
        }
        ResourceClass firstClass = first.spec().classFor(first.first());
        boolean classes = true;
        boolean traits = true;
        for (Resolver.SpecAssignment vf : vfs) {
            ResourceClass vfClass = vf.spec().classFor(vf.first());
            if (classes && !vfClass.equals(firstClass)) {
                classes = false;
                findings.add(new Finding.MixedResourceClass(
                        address,
                        first.first().address(),
                        first.spec().name(),
                        firstClass,
                        vf.first().address(),
                        vf.spec().name(),
                        vfClass));
            }
            if (traits && !vf.spec().sameTraits(first.spec())) {
                traits = false;
                findings.add(new Finding.MixedTraits(
                        address,
                        first.first().address(),
                        first.spec().name(),
                        first.spec().traits(),
                        vf.first().address(),
                        vf.spec().name(),
                        vf.spec().traits()));
            }
        }
        return findings;
    }

    private void count(NormalizedSpec spec, SpecTally tally) {
        tallies.merge(spec.name(), tally, SpecTally::plus);
    }
}
