package io.pciplacement.placement;

import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The traits that all providers of this operator get besides its own mark.
 *
 * @param managed COMPUTE_MANAGED_PCI_DEVICE: a nova-compute takes what has it below its root for its own
 * @param ownerNova OWNER_NOVA, which Nova's scheduler asks for, where Placement knows it
 */
public record OwnershipTraits(boolean managed, boolean ownerNova) {

    /** What is right where Nova schedules the devices and no nova-compute keeps the tree. */
    public static final OwnershipTraits DEFAULT = new OwnershipTraits(true, true);

    public SortedSet<Trait> traits(Predicate<Trait> known) {
        SortedSet<Trait> traits = new TreeSet<>();
        traits.add(Trait.OPERATOR_MARK);
        if (managed) {
            traits.add(Trait.MANAGED_PCI_DEVICE);
        }
        if (ownerNova && known.test(Trait.OWNER_NOVA)) {
            traits.add(Trait.OWNER_NOVA);
        }
        return traits;
    }
}
