package io.pciplacement.placement;

/** Name of a trait that is valid in Placement: a standard name or {@code CUSTOM_...}. */
public record Trait(String name) implements Comparable<Trait> {

    /** Trait by which Nova marks PCI devices that are tracked in Placement. */
    public static final Trait MANAGED_PCI_DEVICE = new Trait("COMPUTE_MANAGED_PCI_DEVICE");

    /** Trait that Nova's scheduler requires of every provider it uses, if Placement knows it. */
    public static final Trait OWNER_NOVA = new Trait("OWNER_NOVA");

    /** Trait of the root provider of every compute service. */
    public static final Trait COMPUTE_NODE = new Trait("COMPUTE_NODE");

    /** Trait of every provider of this operator; a provider without it belongs to another client. */
    public static final Trait OPERATOR_MANAGED = new Trait("CUSTOM_PCI_PLACEMENT_OPERATOR");

    public static final Trait LIVE_MIGRATABLE = new Trait("HW_PCI_LIVE_MIGRATABLE");

    public static final Trait ONE_TIME_USE = new Trait("HW_PCI_ONE_TIME_USE");

    public boolean isCustom() {
        return name.startsWith(NameNormalizer.CUSTOM_PREFIX);
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
