package io.pciplacement.planning;

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

/**
 * A contradiction in what people asked for, or between that and what is in use. A value, not an exception: the provider
 * it concerns keeps what Placement has, everything else goes on. Its reason is the name of its type; declared from the
 * gravest on.
 */
public sealed interface Finding {

    /** What is wrong, with whom, and what to do; whole sentences, without the node's name. */
    String message();

    /** The specs that bring it about. */
    Set<String> specs();

    /** The reason shown in conditions, provider rows and events. */
    default String reason() {
        return getClass().getSimpleName();
    }

    /** The gravest first. */
    Comparator<Finding> GRAVEST_FIRST = Comparator.comparingInt(Finding::gravity);

    private static int gravity(Finding finding) {
        return switch (finding) {
            case ForeignOwner f -> 0;
            case DependentDevices f -> 1;
            case MixedResourceClass f -> 2;
            case MixedTraits f -> 3;
            case PriorityTie f -> 4;
            case OneTimeUseVf f -> 5;
            case InvalidSpec f -> 6;
            case RemoteManagedWithoutSerial f -> 7;
            case RefusedByPlacement f -> 8;
            case Overcommitted f -> 9;
            case Held f -> 10;
            case AwaitingCleaning f -> 11;
        };
    }

    private static Set<String> union(String first, String second) {
        return first.equals(second) ? Set.of(first) : new TreeSet<>(List.of(first, second));
    }

    /** Somebody else's provider has the name that ours would have. */
    record ForeignOwner(String provider, UUID uuid) implements Finding {
        @Override
        public String message() {
            return "Resource provider %s (%s) is not this operator's and is left alone. Remove it, or give its devices to nobody here."
                    .formatted(provider, uuid);
        }

        @Override
        public Set<String> specs() {
            return Set.of();
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

    /** Specs of equal priority want different things of one device, so nobody wins. */
    record PriorityTie(PciAddress device, int priority, String first, String second) implements Finding {
        @Override
        public String message() {
            return "Specs %s and %s both select %s at priority %d and want different things of it, so neither wins. Give one of them a higher priority."
                    .formatted(first, second, device, priority);
        }

        @Override
        public Set<String> specs() {
            return union(first, second);
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

        @Override
        public Set<String> specs() {
            return Set.of();
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

        @Override
        public Set<String> specs() {
            return Set.of();
        }
    }

    /** In use, and no longer wanted, or wanted differently. */
    record Held(String provider, String why, Collection<UUID> consumers) implements Finding {

        private static final int NAMED = 3;

        public Held {
            consumers = List.copyOf(consumers);
        }

        @Override
        public String message() {
            String named = consumers.stream().limit(NAMED).map(UUID::toString).collect(Collectors.joining(", "));
            String more = consumers.size() > NAMED ? " and %d more".formatted(consumers.size() - NAMED) : "";
            return "%s is kept for consumer %s%s: %s. It follows when the consumer lets go; move or delete it."
                    .formatted(provider, named, more, why);
        }

        @Override
        public Set<String> specs() {
            return Set.of();
        }
    }

    /** A used one-time-use device that nobody has cleaned yet. */
    record AwaitingCleaning(String provider) implements Finding {
        @Override
        public String message() {
            return "%s is a one-time-use device that has been used: it stays reserved until somebody cleans it and sets reserved back to 0 in Placement."
                    .formatted(provider);
        }

        @Override
        public Set<String> specs() {
            return Set.of();
        }
    }
}
