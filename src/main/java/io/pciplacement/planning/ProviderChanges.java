package io.pciplacement.planning;

import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.Layout;
import io.pciplacement.pci.PciAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a change of specs does to the hosts whose nodes they select. A fleet has few makes of hosts: what it does to one
 * it does to all whose devices are alike.
 */
final class ProviderChanges {

    private final Candidates own;
    private final Candidates was;
    private final Candidates will;
    private final boolean goes;
    private final boolean bySerialNumber;
    private final Map<Layout, List<ProviderChange>> ofLayout = new HashMap<>();

    /**
     * @param own the spec that comes, changes (both states of it) or goes
     * @param was all specs before
     * @param will all specs after
     * @param goes whether the spec goes: that must always be possible
     */
    ProviderChanges(Collection<NamedSpec> own, Collection<NamedSpec> was, Collection<NamedSpec> will, boolean goes) {
        this.own = new Candidates(own);
        this.was = new Candidates(was);
        this.will = new Candidates(will);
        this.goes = goes;
        bySerialNumber = Stream.concat(was.stream(), will.stream()).anyMatch(NamedSpec::looksAtSerialNumbers);
    }

    /** The changes to a host with these devices, by address. */
    List<ProviderChange> of(HostDevices devices) {
        if (own.isEmpty()) {
            return List.of();
        }
        return bySerialNumber ? compare(devices) : ofLayout.computeIfAbsent(devices.layout(), any -> compare(devices));
    }

    private List<ProviderChange> compare(HostDevices devices) {
        // No other provider can come out differently, as each is decided by its own devices.
        HostDevices concerned = devices.onProviders(own.providers(devices));
        Map<PciAddress, ProviderPlan> before = Resolver.resolve(concerned, was).providers();
        Map<PciAddress, ProviderPlan> after = Resolver.resolve(concerned, will).providers();
        Set<PciAddress> addresses = new TreeSet<>(before.keySet());
        addresses.addAll(after.keySet());
        List<ProviderChange> changes = new ArrayList<>();
        for (PciAddress address : addresses) {
            ProviderChange change = compare(address, before.get(address), after.get(address));
            if (change != null) {
                changes.add(change);
            }
        }
        return changes;
    }

    private @Nullable ProviderChange compare(
            PciAddress address, @Nullable ProviderPlan before, @Nullable ProviderPlan after) {
        if (after instanceof ProviderPlan.Contradicted contradicted) {
            List<String> messages = goes ? List.of() : contradictions(before, contradicted);
            return messages.isEmpty() ? null : new ProviderChange.Refused(messages);
        }
        if (before == null) {
            return new ProviderChange.Written(address, ProviderChange.Kind.ADDED);
        }
        if (after == null) {
            return new ProviderChange.Written(address, ProviderChange.Kind.REMOVED);
        }
        return sameInPlacement(before, after) ? null : new ProviderChange.Written(address, ProviderChange.Kind.CHANGED);
    }

    /** Those that are new: to repair specs step by step must stay possible. */
    private static List<String> contradictions(@Nullable ProviderPlan before, ProviderPlan.Contradicted after) {
        Set<String> known = before instanceof ProviderPlan.Contradicted old
                ? old.findings().stream().map(Finding::reason).collect(Collectors.toSet())
                : Set.of();
        return after.findings().stream()
                .filter(finding -> !known.contains(finding.reason()))
                .filter(finding -> !(finding instanceof Finding.RemoteManagedWithoutSerial))
                .map(Finding::message)
                .toList();
    }

    private static boolean sameInPlacement(ProviderPlan before, ProviderPlan after) {
        return before instanceof ProviderPlan.Wanted a
                && after instanceof ProviderPlan.Wanted b
                && a.resourceClass().equals(b.resourceClass())
                && a.traits().equals(b.traits())
                && a.devices().size() == b.devices().size();
    }
}
