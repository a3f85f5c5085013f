package io.pciplacement.placement;

import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Traits that identify the providers of this operator, in addition to the operator's own trait.
 *
 * @param managed whether to set COMPUTE_MANAGED_PCI_DEVICE: nova-compute regards a provider with this trait below its
 *     root as its own
 * @param ownerNova whether to set OWNER_NOVA, which Nova's scheduler requires, if Placement knows it
 */
public record OwnershipTraits(boolean managed, boolean ownerNova) {

    /** The traits that every provider of this operator has, unless a setting omits one. */
    public static final Set<Trait> ALL = Set.of(Trait.MANAGED_PCI_DEVICE, Trait.OWNER_NOVA, Trait.OPERATOR_MANAGED);

    private static final Set<String> NAMES = ALL.stream().map(Trait::name).collect(Collectors.toUnmodifiableSet());

    /** Setting for devices that Nova schedules and whose provider tree no nova-compute maintains. */
    public static final OwnershipTraits DEFAULT = new OwnershipTraits(true, true);

    /** Whether the trait of this name is in {@link #ALL}, so that it does not distinguish providers. */
    public static boolean isOwnershipTrait(String name) {
        return NAMES.contains(name);
    }

    public SortedSet<Trait> resolveTraits(Predicate<Trait> known) {
        SortedSet<Trait> traits = new TreeSet<>();
        traits.add(Trait.OPERATOR_MANAGED);
        if (managed) {
            traits.add(Trait.MANAGED_PCI_DEVICE);
        }
        if (ownerNova && known.test(Trait.OWNER_NOVA)) {
            traits.add(Trait.OWNER_NOVA);
        }
        return traits;
    }
}
