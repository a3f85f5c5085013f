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
 * Effects of a change of specs on the hosts whose nodes they select. Results are cached by the fingerprint of the
 * host's devices, because a fleet has few different hardware configurations.
 */
final class ProviderChanges {

    private final SpecCandidates changedSpecs;
    private final SpecCandidates specsBefore;
    private final SpecCandidates specsAfter;
    private final boolean deletion;
    private final boolean usesSerialNumbers;
    private final Map<DeviceFingerprint, List<ProviderChange>> changesByFingerprint = new HashMap<>();

    /**
     * @param changedSpecs the spec that is created, updated (both states of it) or deleted
     * @param specsBefore all specs before the change
     * @param specsAfter all specs after the change
     * @param deletion whether the spec is deleted, which must always be possible
     */
    ProviderChanges(
            Collection<NormalizedSpec> changedSpecs,
            Collection<NormalizedSpec> specsBefore,
            Collection<NormalizedSpec> specsAfter,
            boolean deletion) {
        this.changedSpecs = new SpecCandidates(changedSpecs);
        this.specsBefore = new SpecCandidates(specsBefore);
        this.specsAfter = new SpecCandidates(specsAfter);
        this.deletion = deletion;
        usesSerialNumbers =
                Stream.concat(specsBefore.stream(), specsAfter.stream()).anyMatch(NormalizedSpec::usesSerialNumbers);
    }

    /** Returns the changes of a host with these devices, ordered by address. */
    List<ProviderChange> changesFor(HostDevices devices) {
        if (changedSpecs.isEmpty()) {
            return List.of();
        }
        return usesSerialNumbers
                ? compareHost(devices)
                : changesByFingerprint.computeIfAbsent(devices.fingerprint(), any -> compareHost(devices));
    }

    private List<ProviderChange> compareHost(HostDevices devices) {
        // Other providers cannot change, because each one depends on its own devices only.
        HostDevices affected = devices.filterByProviders(changedSpecs.providerAddresses(devices));
        Map<PciAddress, DesiredProvider> before =
                Resolver.resolve(affected, specsBefore).providers();
        Map<PciAddress, DesiredProvider> after =
                Resolver.resolve(affected, specsAfter).providers();
        Set<PciAddress> addresses = new TreeSet<>(before.keySet());
        addresses.addAll(after.keySet());
        List<ProviderChange> changes = new ArrayList<>();
        for (PciAddress address : addresses) {
            ProviderChange change = compareProvider(address, before.get(address), after.get(address));
            if (change != null) {
                changes.add(change);
            }
        }
        return changes;
    }

    private @Nullable ProviderChange compareProvider(
            PciAddress address, @Nullable DesiredProvider before, @Nullable DesiredProvider after) {
        if (after instanceof DesiredProvider.Conflicting conflicting) {
            List<String> messages = deletion ? List.of() : newContradictions(before, conflicting);
            return messages.isEmpty() ? null : new ProviderChange.Rejected(messages);
        }
        if (before == null) {
            return new ProviderChange.Write(address, ProviderChange.Kind.ADDED);
        }
        if (after == null) {
            return new ProviderChange.Write(address, ProviderChange.Kind.REMOVED);
        }
        if (hasSameResult(before, after)) {
            return null;
        }
        return new ProviderChange.Write(address, compareContents(before, after));
    }

    private static ProviderChange.Kind compareContents(DesiredProvider before, DesiredProvider after) {
        if (!(before instanceof DesiredProvider.Resolved a) || !(after instanceof DesiredProvider.Resolved b)) {
            return ProviderChange.Kind.CHANGED;
        }
        if (!a.resourceClass().equals(b.resourceClass())) {
            return ProviderChange.Kind.CLASS_CHANGED;
        }
        return a.devices().equals(b.devices()) ? ProviderChange.Kind.TRAITS_CHANGED : ProviderChange.Kind.CHANGED;
    }

    /** Returns the messages of new conflicts only, so that specs can be repaired step by step. */
    private static List<String> newContradictions(@Nullable DesiredProvider before, DesiredProvider.Conflicting after) {
        Set<String> known = before instanceof DesiredProvider.Conflicting old
                ? old.findings().stream().map(Finding::reason).collect(Collectors.toSet())
                : Set.of();
        return after.findings().stream()
                .filter(finding -> !known.contains(finding.reason()))
                .filter(finding -> !(finding instanceof Finding.RemoteManagedWithoutSerial))
                .map(Finding::message)
                .toList();
    }

    private static boolean hasSameResult(DesiredProvider before, DesiredProvider after) {
        return before instanceof DesiredProvider.Resolved a
                && after instanceof DesiredProvider.Resolved b
                && a.resourceClass().equals(b.resourceClass())
                && a.traits().equals(b.traits())
                && a.devices().size() == b.devices().size();
    }
}
