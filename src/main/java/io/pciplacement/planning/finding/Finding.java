package io.pciplacement.planning.finding;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
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
 * A contradiction in what people asked for, or between that and what is in use. A value, not an exception: the provider
 * it concerns keeps what Placement has, everything else goes on.
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
                Finding.RefusedByPlacement,
                Finding.Overcommitted,
                Finding.Held,
                Finding.AwaitingCleaning,
                RewrittenByOther,
                ReservedByAdministrator,
                ProviderRetired {

    /** What is wrong, with whom, and what to do; whole sentences, without the node's name. */
    String message();

    /** The specs that bring it about; none if it is not about specs. */
    default Set<String> specs() {
        return Set.of();
    }

    /** The reason shown in conditions, provider rows and events. */
    default String reason() {
        return FindingReason.of(this).value();
    }

    /** The most severe first. */
    Comparator<Finding> GRAVEST_FIRST = Comparator.comparing(FindingReason::of);

    private static Set<String> union(String first, String second) {
        return first.equals(second) ? Set.of(first) : new TreeSet<>(List.of(first, second));
    }

    /** The first few of those who use something. */
    private static String named(Collection<UUID> consumers) {
        int shown = 3;
        String named = consumers.stream().limit(shown).map(UUID::toString).collect(Collectors.joining(", "));
        return consumers.size() > shown ? named + " and %d more".formatted(consumers.size() - shown) : named;
    }

    /** Somebody else's provider has the name that ours would have. */
    record ForeignOwner(String provider, UUID uuid) implements Finding {
        @Override
        public String message() {
            return "Resource provider %s (%s) is not this operator's and is left alone. Remove it, let no spec select its device, or, where it is Nova's, look at what spec.adopt: Plan of the HostPciInventory shows."
                    .formatted(provider, uuid);
        }
    }

    /** Nova's provider has the name that ours would have, and would become ours. */
    record Adoptable(String provider, UUID uuid, List<String> changes, Collection<UUID> consumers) implements Finding {

        public Adoptable {
            changes = List.copyOf(changes);
            consumers = List.copyOf(consumers);
        }

        @Override
        public String message() {
            String kept = consumers.isEmpty()
                    ? ""
                    : " What %d consumers hold of it stays theirs.".formatted(consumers.size());
            return "Resource provider %s (%s) is Nova's. With spec.adopt: Adopt it becomes this operator's and changes so: %s.%s"
                    .formatted(provider, uuid, String.join(", ", changes), kept);
        }
    }

    /** Another card is where a consumer was given one. */
    record DeviceReplaced(
            PciAddress address,
            DeviceIdentity before,
            DeviceIdentity now,
            @Nullable PciAddress elsewhere,
            Collection<UUID> consumers)
            implements Finding {

        public DeviceReplaced {
            consumers = List.copyOf(consumers);
        }

        @Override
        public String message() {
            boolean restarted = before.bootId() != null
                    && now.bootId() != null
                    && !before.bootId().equals(now.bootId());
            return "%s is held, and instead of card %s now card %s is there%s%s. Placement stays as it is. Put the card back, or accept this one by the annotation %s: %s=%s of the HostPciInventory, or move or delete consumer %s."
                    .formatted(
                            address,
                            before,
                            now,
                            restarted ? "; the host was restarted, which may have moved addresses" : "",
                            elsewhere == null ? "" : "; the first is now at " + elsewhere,
                            Annotations.ACCEPT_DEVICE,
                            address,
                            now,
                            named(consumers));
        }
    }

    /** A PF and VFs of it are both wanted: who has the PF has the VFs with it. */
    record DependentDevices(PciAddress pf, String pfSpec, PciAddress vf, String vfSpec, int vfs) implements Finding {
        @Override
        public String message() {
            String others = vfs > 1 ? " and %d more of its VFs".formatted(vfs - 1) : "";
            return "PF %s (spec %s) and its VF %s (spec %s)%s cannot both be tracked. Select only the PF (deviceType: PF) or only its VFs (deviceType: VF)."
                    .formatted(pf, pfSpec, vf, vfSpec, others);
        }

        @Override
        public Set<String> specs() {
            return union(pfSpec, vfSpec);
        }
    }

    /** VFs of one PF are wanted as different resource classes; they share one provider. */
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
        public Set<String> specs() {
            return union(firstSpec, secondSpec);
        }
    }

    /** VFs of one PF are wanted with different traits; they share one provider. */
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
                    .formatted(pf, first, list(firstTraits), firstSpec, second, list(secondTraits), secondSpec);
        }

        private static String list(Collection<Trait> traits) {
            return traits.isEmpty() ? "none" : traits.stream().map(Trait::name).collect(Collectors.joining(","));
        }

        @Override
        public Set<String> specs() {
            return union(firstSpec, secondSpec);
        }
    }

    /**
     * Specs of equal priority want different things of one device, so nobody wins.
     *
     * @param sides the specs, those that want the same together
     */
    record PriorityTie(PciAddress device, int priority, List<List<String>> sides) implements Finding {

        public PriorityTie {
            sides = sides.stream().map(List::copyOf).toList();
        }

        @Override
        public String message() {
            return "Specs %s select %s at priority %d and want different things of it, so none of them wins. Give one side a higher priority."
                    .formatted(
                            sides.stream()
                                    .map(side -> String.join(" with ", side))
                                    .collect(Collectors.joining(" against ")),
                            device,
                            priority);
        }

        @Override
        public Set<String> specs() {
            return sides.stream().flatMap(List::stream).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    /** A VF is wanted for one-time use, which whole devices only can be. */
    record OneTimeUseVf(PciAddress vf, String spec) implements Finding {
        @Override
        public String message() {
            return "Spec %s makes VF %s a one-time-use device; only whole devices (PCI, PF) can be. Set deviceType, or drop oneTimeUse."
                    .formatted(spec, vf);
        }

        @Override
        public Set<String> specs() {
            return Set.of(spec);
        }
    }

    /** Something in a spec cannot be read, or cannot become a legal name. */
    record InvalidSpec(String spec, String field, String problem) implements Finding {
        @Override
        public String message() {
            return "Spec %s: %s: %s.".formatted(spec, field, problem);
        }

        @Override
        public Set<String> specs() {
            return Set.of(spec);
        }
    }

    /** A VF that a DPU manages cannot be told without the serial number of its card. */
    record RemoteManagedWithoutSerial(PciAddress device, String spec) implements Finding {
        @Override
        public String message() {
            return "Spec %s makes %s remote-managed, but it is no VF of a card with a serial number in its VPD. Select VFs of such a card, or drop remoteManaged."
                    .formatted(spec, device);
        }

        @Override
        public Set<String> specs() {
            return Set.of(spec);
        }
    }

    /** Placement did not take what should be written of one provider. */
    record RefusedByPlacement(String provider, String answer) implements Finding {
        @Override
        public String message() {
            return "Placement refuses %s: %s".formatted(provider, answer);
        }
    }

    /** More of a provider is given out than Placement has of it. */
    record Overcommitted(
            String provider, ResourceClass resourceClass, int used, int total, SortedMap<UUID, Integer> amounts)
            implements Finding {

        private static final int NAMED = 5;

        public Overcommitted {
            amounts = Collections.unmodifiableSortedMap(new TreeMap<>(amounts));
        }

        @Override
        public String message() {
            String named = amounts.entrySet().stream()
                    .limit(NAMED)
                    .map(entry -> "%s (%d)".formatted(entry.getKey(), entry.getValue()))
                    .collect(Collectors.joining(", "));
            String more = amounts.size() > NAMED ? " and %d more".formatted(amounts.size() - NAMED) : "";
            return "Of %s more is given out than there is: %d of %d %s, to consumer %s%s. Find out which of them has no device, and release or move it."
                    .formatted(provider, used, total, resourceClass, named, more);
        }
    }

    /** In use, and no longer wanted, or wanted differently. */
    record Held(String provider, String why, Collection<UUID> consumers) implements Finding {

        public Held {
            consumers = List.copyOf(consumers);
        }

        @Override
        public String message() {
            return "%s is kept for consumer %s: %s. It follows when the consumer lets go; move or delete it."
                    .formatted(provider, named(consumers), why);
        }
    }

    /** A used one-time-use device that nobody has cleaned yet. */
    record AwaitingCleaning(String provider) implements Finding {
        @Override
        public String message() {
            return "%s is a one-time-use device that has been used: it stays reserved until somebody has cleaned it and says so (kubectl annotate hpi NODE %s=$(date +%%s) --overwrite)."
                    .formatted(provider, Annotations.cleaned(provider.substring(provider.lastIndexOf('_') + 1)));
        }
    }
}
