package io.pciplacement.placement;

/** Name of a resource class that is valid in Placement: a standard name or {@code CUSTOM_...}. */
public record ResourceClass(String name) implements Comparable<ResourceClass> {

    public boolean isCustom() {
        return name.startsWith(NameNormalizer.CUSTOM_PREFIX);
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
