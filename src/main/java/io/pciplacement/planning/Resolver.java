package io.pciplacement.planning;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.Resolution.SpecTally;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Decides, for every device of a host, which spec it follows, and, for every provider, whether its devices' specs
 * agree.
 */
public final class Resolver {

    private final Candidates specs;

    /** VFs come one after the other: what may select one of them may select the next. */
    private @Nullable PciDevice last;

    private List<Candidates.Candidate> here = List.of();

    private final Map<String, SpecTally> tallies = new HashMap<>();
    private final TreeMap<PciAddress, List<Choice>> choices = new TreeMap<>();

    /** A device that Placement should be told of, the spec it follows, and what keeps it from following. */
    private record Choice(
            PciDevice device, NamedSpec spec, @Nullable Finding problem) {}

    private List<Candidates.Candidate> candidates(PciDevice device) {
        if (last == null || !alike(last, device)) {
            here = specs.onBusOf(device);
        }
        last = device;
        return here;
    }

    /** Whether two devices differ in nothing that selectors look at but their slots and functions. */
    private static boolean alike(PciDevice one, PciDevice other) {
        return one.address().isOnBusOf(other.address())
                && one.vendorId() == other.vendorId()
                && one.productId() == other.productId()
                && one.type() == other.type()
                && Objects.equals(one.parent(), other.parent())
                && Objects.equals(one.serialNumber(), other.serialNumber());
    }

    private Resolver(Candidates specs) {
        this.specs = specs;
    }

    /**
     * Resolves one host.
     *
     * @param specs those whose node selector selects the host, in any order
     */
    public static Resolution resolve(HostDevices devices, Collection<NamedSpec> specs) {
        return specs.isEmpty() ? Resolution.NONE : resolve(devices, new Candidates(specs));
    }

    /** As {@link #resolve(HostDevices, Collection)}, for one of many hosts that the same specs select. */
    static Resolution resolve(HostDevices devices, Candidates specs) {
        Resolver resolver = new Resolver(specs);
        devices.all().forEach(resolver::choose);
        SortedMap<PciAddress, ProviderPlan> providers = new TreeMap<>();
        resolver.choices.forEach((address, onProvider) -> providers.put(address, resolver.plan(address, onProvider)));
        return new Resolution(providers, resolver.tallies);
    }

    private void choose(PciDevice device) {
        NamedSpec winner = null;
        List<NamedSpec> agreeing = new ArrayList<>(0);
        List<NamedSpec> rivals = new ArrayList<>(0);
        for (Candidates.Candidate candidate : candidates(device)) {
            if (!candidate.selects(device)) {
                continue;
            }
            NamedSpec spec = candidate.spec();
            if (winner == null) {
                winner = spec;
                count(spec, new SpecTally(1, 0, 0, 0));
            } else if (spec.spec().priority() < winner.spec().priority()) {
                count(spec, new SpecTally(1, 0, 1, 0));
            } else {
                count(spec, new SpecTally(1, 0, 0, 0));
                (spec.sameResult(winner) ? agreeing : rivals).add(spec);
            }
        }
        if (rivals.isEmpty()) {
            // It is as they want it, and one of them has to be named.
            agreeing.forEach(spec -> count(spec, new SpecTally(0, 0, 1, 0)));
        }
        if (winner == null || (!winner.reported() && rivals.stream().noneMatch(NamedSpec::reported))) {
            return;
        }
        choices.computeIfAbsent(device.providerAddress(), address -> new ArrayList<>())
                .add(new Choice(device, winner, problem(device, winner, agreeing, rivals)));
    }

    private static @Nullable Finding problem(
            PciDevice device, NamedSpec winner, List<NamedSpec> agreeing, List<NamedSpec> rivals) {
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
    private static List<List<String>> sides(NamedSpec winner, List<NamedSpec> agreeing, List<NamedSpec> rivals) {
        List<List<NamedSpec>> sides = new ArrayList<>();
        sides.add(new ArrayList<>(List.of(winner)));
        sides.getFirst().addAll(agreeing);
        for (NamedSpec rival : rivals) {
            sides.stream()
                    .filter(side -> side.getFirst().sameResult(rival))
                    .findFirst()
                    .ifPresentOrElse(side -> side.add(rival), () -> sides.add(new ArrayList<>(List.of(rival))));
        }
        return sides.stream()
                .map(side -> side.stream().map(NamedSpec::name).toList())
                .toList();
    }

    private ProviderPlan plan(PciAddress address, List<Choice> onProvider) {
        List<PciDevice> devices = onProvider.stream().map(Choice::device).toList();
        List<Finding> findings = contradictions(address, onProvider);
        for (Choice choice : onProvider) {
            Finding problem = choice.problem();
            if (problem != null && !findings.contains(problem)) {
                findings.add(problem);
            }
        }
        if (!findings.isEmpty()) {
            for (Choice choice : onProvider) {
                count(choice.spec(), new SpecTally(0, 0, 0, 1));
                if (choice.problem() instanceof Finding.PriorityTie tie) {
                    // None wins, so it is the others' conflict as well.
                    tie.specs().stream()
                            .filter(name -> !name.equals(choice.spec().name()))
                            .forEach(name -> tallies.merge(name, new SpecTally(0, 0, 0, 1), SpecTally::plus));
                }
            }
            return new ProviderPlan.Contradicted(address, devices, findings);
        }
        onProvider.forEach(choice -> count(choice.spec(), new SpecTally(0, 1, 0, 0)));
        Choice first = onProvider.getFirst();
        return new ProviderPlan.Wanted(
                address,
                devices,
                first.spec().name(),
                first.device().type(),
                first.spec().classFor(first.device()),
                first.spec().traits());
    }

    /** What contradicts itself among the devices of one provider, at most one finding of a kind. */
    private static List<Finding> contradictions(PciAddress address, List<Choice> onProvider) {
        List<Finding> findings = new ArrayList<>();
        if (onProvider.size() == 1) {
            return findings;
        }
        // By address, so the PF, whose own address is the provider's, is not always the first: look for it.
        Choice pf = null;
        List<Choice> vfs = new ArrayList<>(onProvider.size());
        for (Choice choice : onProvider) {
            if (choice.device().address().equals(address)) {
                pf = choice;
            } else {
                vfs.add(choice);
            }
        }
        Choice first = vfs.getFirst();
        if (pf != null) {
            findings.add(new Finding.DependentDevices(
                    address,
                    pf.spec().name(),
                    first.device().address(),
                    first.spec().name(),
                    vfs.size()));
        }
        ResourceClass firstClass = first.spec().classFor(first.device());
        boolean classes = true;
        boolean traits = true;
        for (Choice vf : vfs) {
            ResourceClass vfClass = vf.spec().classFor(vf.device());
            if (classes && !vfClass.equals(firstClass)) {
                classes = false;
                findings.add(new Finding.MixedResourceClass(
                        address,
                        first.device().address(),
                        first.spec().name(),
                        firstClass,
                        vf.device().address(),
                        vf.spec().name(),
                        vfClass));
            }
            if (traits && !vf.spec().traits().equals(first.spec().traits())) {
                traits = false;
                findings.add(new Finding.MixedTraits(
                        address,
                        first.device().address(),
                        first.spec().name(),
                        first.spec().traits(),
                        vf.device().address(),
                        vf.spec().name(),
                        vf.spec().traits()));
            }
        }
        return findings;
    }

    private void count(NamedSpec spec, SpecTally tally) {
        tallies.merge(spec.name(), tally, SpecTally::plus);
    }
}
