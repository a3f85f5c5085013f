package io.pciplacement.placement;

import java.util.Set;

/** The name of a trait, legal in Placement: a standard one or {@code CUSTOM_...}. */
public record Trait(String name) implements Comparable<Trait> {

    /** Nova's mark of a PCI device that is tracked in Placement. */
    public static final Trait MANAGED_PCI_DEVICE = new Trait("COMPUTE_MANAGED_PCI_DEVICE");

    /** What Nova's scheduler asks of every provider that it may use, where Placement knows it. */
    public static final Trait OWNER_NOVA = new Trait("OWNER_NOVA");

    /** What the root provider of every compute service has. */
    public static final Trait COMPUTE_NODE = new Trait("COMPUTE_NODE");

    /** This operator's own mark: what lacks it is somebody else's. */
    public static final Trait OPERATOR_MARK = new Trait("CUSTOM_PCI_PLACEMENT_OPERATOR");

    /** What every provider of this operator has, unless a setting leaves it out. */
    public static final Set<Trait> MARKS = Set.of(MANAGED_PCI_DEVICE, OWNER_NOVA, OPERATOR_MARK);

    public static final Trait LIVE_MIGRATABLE = new Trait("HW_PCI_LIVE_MIGRATABLE");

    public static final Trait ONE_TIME_USE = new Trait("HW_PCI_ONE_TIME_USE");

    public boolean isCustom() {
        return name.startsWith(NameNormalizer.CUSTOM);
    }

    @Override
    public int compareTo(Trait other) {
        return name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return name;
    }
}
