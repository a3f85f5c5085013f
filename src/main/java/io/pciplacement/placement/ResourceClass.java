package io.pciplacement.placement;

/** The name of a resource class, legal in Placement: a standard one or {@code CUSTOM_...}. */
public record ResourceClass(String name) implements Comparable<ResourceClass> {

    public boolean isCustom() {
        return name.startsWith(NameNormalizer.CUSTOM);
    }

    @Override
    public int compareTo(ResourceClass other) {
        return name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return name;
    }
}
