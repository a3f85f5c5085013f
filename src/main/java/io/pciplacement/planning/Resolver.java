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
 * Assignment of a spec to each device of a host, and detection of conflicts between the specs of a provider's devices.
 */
public final class Resolver {

    private final Map<String, SpecTally> tallies = new HashMap<>();
    private final TreeMap<PciAddress, List<SpecAssignment>> assignmentsByProvider = new TreeMap<>();

    /**
     * Devices of one provider that should be reported to Placement, with the spec that applies and the finding that
     * prevents it.
     *
     * @param devices one device, or similar VFs without a finding
     */
    private record SpecAssignment(
            List<PciDevice> devices,
            NormalizedSpec spec,
            @Nullable Finding problem) {

        PciDevice firstDevice() {
            return devices.getFirst();
        }
    }

    private Resolver() {}

    /**
     * Resolves one host.
     *
     * @param specs specs that select the host's node, in any order
     */
    public static Resolution resolve(HostDevices devices, Collection<NormalizedSpec> specs) {
        return specs.isEmpty() ? Resolution.NONE : resolve(devices, new SpecCandidates(specs));
    }

    /**
     * As {@link #resolve(HostDevices, Collection)}, with candidates that are reused for all hosts that the same specs
     * select.
     */
    public static Resolution resolve(HostDevices devices, SpecCandidates specs) {
        Resolver resolver = new Resolver();
        for (DeviceGroup group : devices.deviceGroups()) {
            List<SpecCandidates.Candidate> candidates = specs.candidatesFor(group);
            if (candidates.isEmpty()) {
                continue;
            }
            if (candidates.stream().noneMatch(candidate -> candidate.distinguishes(group))) {
                resolver.assignSpec(group.devices(), candidates);
            } else {
                group.devices().forEach(device -> resolver.assignSpec(List.of(device), candidates));
            }
        }
        SortedMap<PciAddress, DesiredProvider> providers = new TreeMap<>();
        resolver.assignmentsByProvider.forEach(
                (address, assignments) -> providers.put(address, resolver.resolveProvider(address, assignments)));
        return new Resolution(providers, resolver.tallies);
    }

    /** Assigns a spec to devices that no candidate distinguishes. */
    private void assignSpec(List<PciDevice> devices, List<SpecCandidates.Candidate> candidates) {
        PciDevice first = devices.getFirst();
        int count = devices.size();
        NormalizedSpec winner = null;
        List<NormalizedSpec> agreeing = new ArrayList<>(0);
        List<NormalizedSpec> competing = new ArrayList<>(0);
        for (SpecCandidates.Candidate candidate : candidates) {
            if (!candidate.selects(first)) {
                continue;
            }
            NormalizedSpec spec = candidate.spec();
            if (winner == null) {
                winner = spec;
                addToTally(spec, new SpecTally(count, 0, 0, 0));
            } else if (spec.spec().priority() < winner.spec().priority()) {
                addToTally(spec, new SpecTally(count, 0, count, 0));
            } else {
                addToTally(spec, new SpecTally(count, 0, 0, 0));
                (spec.hasSameResult(winner) ? agreeing : competing).add(spec);
            }
        }
        if (competing.isEmpty()) {
            // They agree with the winner, so they are shadowed by it.
            agreeing.forEach(spec -> addToTally(spec, new SpecTally(0, 0, count, 0)));
        }
        if (winner == null || (!winner.isReported() && competing.stream().noneMatch(NormalizedSpec::isReported))) {
            return;
        }
        if (first.type() == DeviceType.VF && findProblem(first, winner, agreeing, competing) == null) {
            addAssignment(devices, winner, null);
        } else {
            for (PciDevice device : devices) {
                addAssignment(List.of(device), winner, findProblem(device, winner, agreeing, competing));
            }
        }
    }

    private void addAssignment(List<PciDevice> devices, NormalizedSpec spec, @Nullable Finding problem) {
        assignmentsByProvider
                .computeIfAbsent(devices.getFirst().providerAddress(), address -> new ArrayList<>())
                .add(new SpecAssignment(devices, spec, problem));
    }

    private static @Nullable Finding findProblem(
            PciDevice device, NormalizedSpec winner, List<NormalizedSpec> agreeing, List<NormalizedSpec> competing) {
        if (!competing.isEmpty()) {
            return new Finding.PriorityTie(
                    device.address(), winner.spec().priority(), groupByResult(winner, agreeing, competing));
        }
        if (!winner.problems().isEmpty()) {
            return winner.problems().getFirst();
        }
        if (winner.spec().oneTimeUse() && device.type() == DeviceType.VF) {
            return new Finding.OneTimeUseVf(device.address(), winner.specName());
        }
        if (winner.spec().remoteManaged() && (device.type() != DeviceType.VF || device.serialNumber() == null)) {
            return new Finding.RemoteManagedWithoutSerial(device.address(), winner.specName());
        }
        return null;
    }

    /** Groups the names of specs of equal priority by their result. */
    private static List<List<String>> groupByResult(
            NormalizedSpec winner, List<NormalizedSpec> agreeing, List<NormalizedSpec> competing) {
        List<List<NormalizedSpec>> groups = new ArrayList<>();
        groups.add(new ArrayList<>(List.of(winner)));
        groups.getFirst().addAll(agreeing);
        for (NormalizedSpec competitor : competing) {
            groups.stream()
                    .filter(group -> group.getFirst().hasSameResult(competitor))
                    .findFirst()
                    .ifPresentOrElse(
                            group -> group.add(competitor), () -> groups.add(new ArrayList<>(List.of(competitor))));
        }
        return groups.stream()
                .map(group -> group.stream().map(NormalizedSpec::specName).toList())
                .toList();
    }

    private DesiredProvider resolveProvider(PciAddress address, List<SpecAssignment> assignments) {
        List<PciDevice> devices = new ArrayList<>();
        assignments.forEach(assignment -> devices.addAll(assignment.devices()));
        List<Finding> findings = findContradictions(address, assignments);
        for (SpecAssignment assignment : assignments) {
            Finding problem = assignment.problem();
            if (problem != null && !findings.contains(problem)) {
                findings.add(problem);
            }
        }
        if (!findings.isEmpty()) {
            for (SpecAssignment assignment : assignments) {
                addToTally(
                        assignment.spec(),
                        new SpecTally(0, 0, 0, assignment.devices().size()));
                if (assignment.problem() instanceof Finding.PriorityTie tie) {
                    // No spec applies, so the device is a conflict of the others as well.
                    tie.specNames().stream()
                            .filter(name -> !name.equals(assignment.spec().specName()))
                            .forEach(name -> tallies.merge(name, new SpecTally(0, 0, 0, 1), SpecTally::combinedWith));
                }
            }
            return new DesiredProvider.Conflicting(address, devices, findings);
        }
        assignments.forEach(assignment -> addToTally(
                assignment.spec(), new SpecTally(0, assignment.devices().size(), 0, 0)));
        SpecAssignment first = assignments.getFirst();
        return new DesiredProvider.Resolved(
                address,
                devices,
                first.spec().specName(),
                first.firstDevice().type(),
                first.spec().resourceClassFor(first.firstDevice()),
                combinedTraits(assignments));
    }

    /**
     * Returns the traits of the provider. The specs differ in ownership traits at most; a trait that any of them names
     * is included.
     */
    private static SortedSet<Trait> combinedTraits(List<SpecAssignment> assignments) {
        SortedSet<Trait> traits = assignments.getFirst().spec().traits();
        if (assignments.stream()
                .allMatch(assignment -> assignment.spec().traits().equals(traits))) {
            return traits;
        }
        SortedSet<Trait> all = new TreeSet<>(traits);
        assignments.forEach(assignment -> all.addAll(assignment.spec().traits()));
        return all;
    }

    /** Returns the conflicts between the devices of one provider, at most one finding of each type. */
    private static List<Finding> findContradictions(PciAddress address, List<SpecAssignment> assignments) {
        List<Finding> findings = new ArrayList<>();
        if (assignments.size() == 1) {
            return findings;
        }
        // Sorted by address, so the PF, which has the provider's address, is not always the first.
        SpecAssignment pf = null;
        List<SpecAssignment> vfs = new ArrayList<>(assignments.size());
        for (SpecAssignment assignment : assignments) {
            if (assignment.firstDevice().address().equals(address)) {
                pf = assignment;
            } else {
                vfs.add(assignment);
            }
        }
        SpecAssignment first = vfs.getFirst();
        if (pf != null) {
            findings.add(new Finding.DependentDevices(
                    address,
                    pf.spec().specName(),
                    first.firstDevice().address(),
                    first.spec().specName(),
                    vfs.stream().mapToInt(vf -> vf.devices().size()).sum()));
        }
        ResourceClass firstClass = first.spec().resourceClassFor(first.firstDevice());
        boolean sameClasses = true;
        boolean traits = true;
        for (SpecAssignment vf : vfs) {
            ResourceClass vfClass = vf.spec().resourceClassFor(vf.firstDevice());
            if (sameClasses && !vfClass.equals(firstClass)) {
                sameClasses = false;
                findings.add(new Finding.MixedResourceClass(
                        address,
                        first.firstDevice().address(),
                        first.spec().specName(),
                        firstClass,
                        vf.firstDevice().address(),
                        vf.spec().specName(),
                        vfClass));
            }
            if (traits && !vf.spec().hasSameTraits(first.spec())) {
                traits = false;
                findings.add(new Finding.MixedTraits(
                        address,
                        first.firstDevice().address(),
                        first.spec().specName(),
                        first.spec().traits(),
                        vf.firstDevice().address(),
                        vf.spec().specName(),
                        vf.spec().traits()));
            }
        }
        return findings;
    }

    private void addToTally(NormalizedSpec spec, SpecTally tally) {
        tallies.merge(spec.specName(), tally, SpecTally::combinedWith);
    }
}
