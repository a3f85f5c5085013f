package io.pciplacement.placement;

import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Traits that identify the providers of this operator, in addition to the operator's own trait.
 *
 * @param managed whether to set COMPUTE_MANAGED_PCI_DEVICE: nova-compute regards a provider with this trait below its
 *     root as its own
 * @param ownerNova whether to set OWNER_NOVA, which Nova's scheduler requires, if Placement knows it
 */
public record OwnershipTraits(boolean managed, boolean ownerNova) {

    /** Setting for devices that Nova schedules and whose provider tree no nova-compute maintains. */
    public static final OwnershipTraits DEFAULT = new OwnershipTraits(true, true);

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
