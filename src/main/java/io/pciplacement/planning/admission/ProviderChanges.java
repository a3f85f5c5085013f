package io.pciplacement.planning.admission;

import io.pciplacement.pci.DeviceFingerprint;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.DesiredProvider;
import io.pciplacement.planning.NormalizedSpec;
import io.pciplacement.planning.Resolver;
import io.pciplacement.planning.SpecCandidates;
import io.pciplacement.planning.finding.Finding;
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

    private final SpecCandidates own;
    private final SpecCandidates was;
    private final SpecCandidates will;
    private final boolean goes;
    private final boolean bySerialNumber;
    private final Map<DeviceFingerprint, List<ProviderChange>> ofLayout = new HashMap<>();

    /**
     * @param own the spec that comes, changes (both states of it) or goes
     * @param was all specs before
     * @param will all specs after
     * @param goes whether the spec goes: that must always be possible
     */
    ProviderChanges(
            Collection<NormalizedSpec> own,
            Collection<NormalizedSpec> was,
            Collection<NormalizedSpec> will,
            boolean goes) {
        this.own = new SpecCandidates(own);
        this.was = new SpecCandidates(was);
        this.will = new SpecCandidates(will);
        this.goes = goes;
        bySerialNumber = Stream.concat(was.stream(), will.stream()).anyMatch(NormalizedSpec::looksAtSerialNumbers);
    }

    /** The changes to a host with these devices, by address. */
    List<ProviderChange> of(HostDevices devices) {
        if (own.isEmpty()) {
            return List.of();
        }
        return bySerialNumber
                ? compare(devices)
                : ofLayout.computeIfAbsent(devices.fingerprint(), any -> compare(devices));
    }

    private List<ProviderChange> compare(HostDevices devices) {
        // No other provider can come out differently, as each is decided by its own devices.
        HostDevices concerned = devices.filterByProviders(own.providers(devices));
        Map<PciAddress, DesiredProvider> before =
                Resolver.resolve(concerned, was).providers();
        Map<PciAddress, DesiredProvider> after =
                Resolver.resolve(concerned, will).providers();
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
            PciAddress address, @Nullable DesiredProvider before, @Nullable DesiredProvider after) {
        if (after instanceof DesiredProvider.Conflicting contradicted) {
            List<String> messages = goes ? List.of() : contradictions(before, contradicted);
            return messages.isEmpty() ? null : new ProviderChange.Rejected(messages);
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
    private static List<String> contradictions(@Nullable DesiredProvider before, DesiredProvider.Conflicting after) {
        Set<String> known = before instanceof DesiredProvider.Conflicting old
                ? old.findings().stream().map(Finding::reason).collect(Collectors.toSet())
                : Set.of();
        return after.findings().stream()
                .filter(finding -> !known.contains(finding.reason()))
                .filter(finding -> !(finding instanceof Finding.RemoteManagedWithoutSerial))
                .map(Finding::message)
                .toList();
    }

    private static boolean sameInPlacement(DesiredProvider before, DesiredProvider after) {
        return before instanceof DesiredProvider.Resolved a
                && after instanceof DesiredProvider.Resolved b
                && a.resourceClass().equals(b.resourceClass())
                && a.traits().equals(b.traits())
                && a.devices().size() == b.devices().size();
    }
}
