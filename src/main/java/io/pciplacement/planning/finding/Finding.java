package io.pciplacement.planning.finding;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.text.CountFormat;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Conflict between specs, or between specs and the devices in use. A value, not an exception: the provider it concerns
 * keeps its state in Placement, all other providers are processed as usual.
 */
public sealed interface Finding
        permits Finding.ForeignOwner,
                Finding.Adoptable,
                Finding.DeviceReplaced,
                Finding.DependentDevices,
                Finding.MixedResourceClass,
                Finding.MixedTraits,
                Finding.PriorityTie,
                Finding.OneTimeUseVf,
                Finding.InvalidSpec,
                Finding.RemoteManagedWithoutSerial,
                Finding.RejectedByPlacement,
                Finding.Overcommitted,
                Finding.Held,
                Finding.AwaitingCleaning,
                NotExported,
                AwaitingNova,
                RewrittenByOther,
                Quarantined,
                Draining,
                ReservedByAdministrator,
                ProviderRetired {

    /** Describes the problem, the objects involved and the remedy in full sentences, without the node's name. */
    String message();

    /** Names of the specs that cause the finding; empty if it does not concern specs. */
    default Set<String> specNames() {
        return Set.of();
    }

    /** Reason in conditions, provider rows and events. */
    default String reason() {
        return FindingReason.reasonOf(this).value();
    }

    /** Order by severity, the most severe first. */
    Comparator<Finding> MOST_SEVERE_FIRST = Comparator.comparing(FindingReason::reasonOf);

    private static Set<String> distinctNames(String first, String second) {
        return first.equals(second) ? Set.of(first) : new TreeSet<>(List.of(first, second));
    }

    /** Formats the first few consumers and the number of the others. */
    private static String formatConsumers(Collection<UUID> consumers) {
        int shown = 3;
        String named = consumers.stream().limit(shown).map(UUID::toString).collect(Collectors.joining(", "));
        return consumers.size() > shown ? named + " and %d more".formatted(consumers.size() - shown) : named;
    }

    /** A provider of another service has the name of a provider that the operator would create. */
    record ForeignOwner(String provider, UUID uuid) implements Finding {
        @Override
        public String message() {
            return "Resource provider %s (%s) belongs to another service and is not changed. If nova-compute created it, set spec.reporting: Nova of the HostPciInventory, or check what spec.adopt: Plan shows. Otherwise delete it, or change the specs so that none selects its device."
                    .formatted(provider, uuid);
        }
    }

    /** A provider of Nova has the name of a provider that the operator would create, and can be adopted. */
    record Adoptable(String provider, UUID uuid, List<String> changes, Collection<UUID> consumers) implements Finding {

        public Adoptable {
            changes = List.copyOf(changes);
            consumers = List.copyOf(consumers);
        }

        @Override
        public String message() {
            String kept = consumers.isEmpty()
                    ? ""
                    : " The allocations of %s are kept.".formatted(CountFormat.format(consumers.size(), "consumer"));
            return "Resource provider %s (%s) belongs to Nova. With spec.adopt: Adopt, the operator takes it over and changes: %s.%s"
                    .formatted(provider, uuid, String.join(", ", changes), kept);
        }
    }

    /** The physical card at an allocated address has been replaced. */
    record DeviceReplaced(
            PciAddress address,
            DeviceIdentity previousIdentity,
            DeviceIdentity currentIdentity,
            @Nullable PciAddress newAddress,
            Collection<UUID> consumers)
            implements Finding {

        public DeviceReplaced {
            consumers = List.copyOf(consumers);
        }

        @Override
        public String message() {
            boolean restarted = previousIdentity.bootId() != null
                    && currentIdentity.bootId() != null
                    && !previousIdentity.bootId().equals(currentIdentity.bootId());
            return "%s is allocated, but card %s has been replaced by card %s%s%s. Placement is not changed. Put the previous card back, accept the new one with the annotation %s: %s=%s on the HostPciInventory, or move or delete consumer %s."
                    .formatted(
                            address,
                            previousIdentity,
                            currentIdentity,
                            restarted ? "; the host was restarted, which may have changed addresses" : "",
                            newAddress == null ? "" : "; the previous card is now at " + newAddress,
                            Annotations.ACCEPT_DEVICE,
                            address,
                            currentIdentity,
                            formatConsumers(consumers));
        }
    }

    /** Specs select both a PF and its VFs, which a consumer of the PF would also use. */
    record DependentDevices(PciAddress pf, String pfSpec, PciAddress vf, String vfSpec, int vfs) implements Finding {
        @Override
        public String message() {
            String others = vfs > 1 ? " and %d more of its VFs".formatted(vfs - 1) : "";
            return "PF %s (spec %s) and its VF %s (spec %s)%s cannot both be tracked. Select only the PF (deviceType: PF) or only its VFs (deviceType: VF)."
                    .formatted(pf, pfSpec, vf, vfSpec, others);
        }

        @Override
        public Set<String> specNames() {
            return distinctNames(pfSpec, vfSpec);
        }
    }

    /** Specs give VFs of one PF, which share a provider, different resource classes. */
    record MixedResourceClass(
            PciAddress pf,
            PciAddress first,
            String firstSpec,
            ResourceClass firstClass,
            PciAddress second,
            String secondSpec,
            ResourceClass secondClass)
            implements Finding {
        @Override
        public String message() {
            return "VFs of PF %s must have one resource class, but %s is %s (spec %s) and %s is %s (spec %s). Give them the same resourceClass."
                    .formatted(pf, first, firstClass, firstSpec, second, secondClass, secondSpec);
        }

        @Override
        public Set<String> specNames() {
            return distinctNames(firstSpec, secondSpec);
        }
    }

    /** Specs give VFs of one PF, which share a provider, different traits. */
    record MixedTraits(
            PciAddress pf,
            PciAddress first,
            String firstSpec,
            Collection<Trait> firstTraits,
            PciAddress second,
            String secondSpec,
            Collection<Trait> secondTraits)
            implements Finding {

        public MixedTraits {
            firstTraits = List.copyOf(firstTraits);
            secondTraits = List.copyOf(secondTraits);
        }

        @Override
        public String message() {
            return "VFs of PF %s must have the same traits, but %s has %s (spec %s) and %s has %s (spec %s). Give them the same traits."
                    .formatted(
                            pf,
                            first,
                            formatTraits(firstTraits),
                            firstSpec,
                            second,
                            formatTraits(secondTraits),
                            secondSpec);
        }

        private static String formatTraits(Collection<Trait> traits) {
            return traits.isEmpty() ? "none" : traits.stream().map(Trait::name).collect(Collectors.joining(","));
        }

        @Override
        public Set<String> specNames() {
            return distinctNames(firstSpec, secondSpec);
        }
    }

    /**
     * Specs of equal priority require different results for one device, so none of them applies.
     *
     * @param specGroups names of the specs, grouped by the result that they require
     */
    record PriorityTie(PciAddress device, int priority, List<List<String>> specGroups) implements Finding {

        public PriorityTie {
            specGroups = specGroups.stream().map(List::copyOf).toList();
        }

        @Override
        public String message() {
            return "Specs %s select %s with the same priority %d but require different results, so none of them applies. Give one of them a higher priority."
                    .formatted(
                            specGroups.stream()
                                    .map(group -> String.join(" and ", group))
                                    .collect(Collectors.joining(" versus ")),
                            device,
                            priority);
        }

        @Override
        public Set<String> specNames() {
            return specGroups.stream().flatMap(List::stream).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    /** A spec sets oneTimeUse for a VF; only whole devices can be one-time-use devices. */
    record OneTimeUseVf(PciAddress vf, String spec) implements Finding {
        @Override
        public String message() {
            return "Spec %s sets oneTimeUse for VF %s, but only whole devices (PCI, PF) can be one-time-use devices. Set deviceType or remove oneTimeUse."
                    .formatted(spec, vf);
        }

        @Override
        public Set<String> specNames() {
            return Set.of(spec);
        }
    }

    /** A field of a spec cannot be parsed, or cannot be converted to a valid name. */
    record InvalidSpec(String spec, String field, String problem) implements Finding {
        @Override
        public String message() {
            return "Spec %s: %s: %s.".formatted(spec, field, problem);
        }

        @Override
        public Set<String> specNames() {
            return Set.of(spec);
        }
    }

    /** A remote-managed device is not a VF, or its card, which the serial number identifies, has no serial number. */
    record RemoteManagedWithoutSerial(PciAddress device, String spec) implements Finding {
        @Override
        public String message() {
            return "Spec %s sets remoteManaged for %s, but the device is not a VF whose card has a serial number in its VPD. Select VFs of such a card or remove remoteManaged."
                    .formatted(spec, device);
        }

        @Override
        public Set<String> specNames() {
            return Set.of(spec);
        }
    }

    /** Placement rejected a write of one provider. */
    record RejectedByPlacement(String provider, String response) implements Finding {
        @Override
        public String message() {
            return "Placement rejected %s: %s".formatted(provider, response);
        }
    }

    /** More units of a provider are allocated than its inventory has. */
    record Overcommitted(
            String provider, ResourceClass resourceClass, int used, int total, SortedMap<UUID, Integer> amounts)
            implements Finding {

        private static final int MAX_CONSUMERS_SHOWN = 5;

        public Overcommitted {
            amounts = Collections.unmodifiableSortedMap(new TreeMap<>(amounts));
        }

        @Override
        public String message() {
            String named = amounts.entrySet().stream()
                    .limit(MAX_CONSUMERS_SHOWN)
                    .map(entry -> "%s (%d)".formatted(entry.getKey(), entry.getValue()))
                    .collect(Collectors.joining(", "));
            String more = amounts.size() > MAX_CONSUMERS_SHOWN
                    ? " and %d more".formatted(amounts.size() - MAX_CONSUMERS_SHOWN)
                    : "";
            return "Provider %s is overcommitted: %d of %d %s are allocated, to consumers %s%s. Find the consumer without a device and delete or move it."
                    .formatted(provider, used, total, resourceClass, named, more);
        }
    }

    /** The provider is in use, and the specs no longer select its devices or require another result. */
    record Held(String provider, String cause, Collection<UUID> consumers) implements Finding {

        public Held {
            consumers = List.copyOf(consumers);
        }

        @Override
        public String message() {
            return "Provider %s is still in use by consumer %s: %s. It will be updated when the consumer is moved or deleted."
                    .formatted(provider, formatConsumers(consumers), cause);
        }
    }

    /** A one-time-use device that was used and has not been cleaned since. */
    record AwaitingCleaning(String provider, PciAddress address) implements Finding {
        @Override
        public String message() {
            return "%s is a one-time-use device that has been used: it stays reserved until it has been cleaned and the cleaning is confirmed (kubectl annotate hpi NODE %s=$(date +%%s) --overwrite)."
                    .formatted(provider, Annotations.cleanedKey(address));
        }
    }
}
